# The image for people who have Docker. It calls the program that `npm run image` calls, so the files are the same.
#   docker build --build-arg REVISION=$(git rev-parse HEAD) --tag heddle:0.1.0 .
#   docker buildx build --platform linux/amd64,linux/arm64 … builds both without emulation.
# Tried with buildah 1.28 for both processors, on a base made of Debian and Node by hand: every file, mode, owner and
# setting was that of `npm run image`. An old builder must be given --build-arg BUILDPLATFORM=linux/amd64.
FROM --platform=$BUILDPLATFORM node:26-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends mmdebstrap \
      binutils-x86-64-linux-gnu binutils-aarch64-linux-gnu
WORKDIR /heddle
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
ARG TARGETARCH
RUN npm run image -- --arch "$TARGETARCH" --root /image

FROM scratch
ARG REVISION=unknown
COPY --from=build /image/base/ /
COPY --from=build /image/heddle/ /
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin
USER 1337:1337
WORKDIR /
ENTRYPOINT ["/usr/local/bin/heddle"]
LABEL org.opencontainers.image.title="heddle" \
      org.opencontainers.image.description="A service mesh for Kubernetes by the Gateway API" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0"
