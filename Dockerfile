# docker build -t mldebt . && docker run --rm -v "$PWD:/repository" mldebt scan
FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY checks ./checks
COPY mldebt ./mldebt
RUN python -m pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.13-slim-bookworm
# git tells which files belong to the repository, how old a line is, and what a branch adds
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*' \
    && useradd --uid 1000 --create-home mldebt
# hadolint ignore=DL3013
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    python -m pip install --no-cache-dir --no-index --find-links /wheels mldebt
USER 1000
# writable for whatever user `docker run --user` names
ENV HOME=/tmp
WORKDIR /repository
ENTRYPOINT ["mldebt"]
CMD ["--help"]
