# The base image is pinned by its tag; pin it by the digest that your registry shows for it where that is asked for.
FROM rust:1.95-alpine AS build
WORKDIR /source
COPY Cargo.toml Cargo.lock README.md ./
COPY benches benches
COPY data data
COPY src src
# Alpine's toolchain links against musl, statically.
RUN cargo install --locked --path . --root /out

FROM scratch
COPY --from=build /out/bin/mfagate /mfagate
COPY LICENSE-MIT LICENSE-APACHE /
USER 65534:65534
WORKDIR /work
ENTRYPOINT ["/mfagate"]
