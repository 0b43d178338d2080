# One image for every process of ChatApp: `docker run chatapp apps/messages/src/main.ts`.
FROM oven/bun:1.4.5-slim AS web
WORKDIR /app
COPY . .
RUN bun install --frozen-lockfile && cd web && bun run build

FROM oven/bun:1.4.5-slim
# A container's network is its own: what is published of it says who reaches it.
ENV NODE_ENV=production HOST=0.0.0.0 WILDCARD_HOST=allowed WEB_DIST=/app/web/dist
WORKDIR /app
COPY package.json bun.lock bunfig.toml tsconfig.json ./
COPY patches patches
COPY apps apps
COPY packages packages
COPY web/package.json web/package.json
COPY dev dev
RUN bun install --frozen-lockfile --production \
 && mkdir /data /keys /redis-users && chown bun:bun /data /keys /redis-users
COPY --from=web /app/web/dist web/dist
# The folders for what must outlive a container belong to the user that all processes run as.
VOLUME ["/data", "/keys", "/redis-users"]
USER bun
ENTRYPOINT ["bun", "--no-env-file"]
CMD ["apps/bff/src/main.ts"]
