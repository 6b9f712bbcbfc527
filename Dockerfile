# FastVue for containers: `docker build -t fastvue .`; docs/deployment.md has the rest.
# Pinned by tag. For builds that are the same for ever add the digest that your registry names: node:26-trixie-slim@sha256:…
ARG NODE_IMAGE=node:26-trixie-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /srv/fastvue
COPY package.json package-lock.json ./
# No package of production needs its install script, and the hooks of git have no business here.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production ENVIRONMENT=production LOG_DIR=/var/log/fastvue
WORKDIR /srv/fastvue
COPY --from=packages /srv/fastvue/node_modules node_modules
COPY package.json package-lock.json LICENSE main.ts manage manage.ts ./
COPY app app
COPY migrations migrations
COPY data data
# Root's, all of it, but for what the process writes: mail without SMTP_URL. Both logs go where containers' logs go.
RUN mkdir -p var/cache var/outbox "$LOG_DIR" \
  && chown node:node var/cache var/outbox \
  && ln -s /dev/stdout "$LOG_DIR/fastvue.log" \
  && ln -s /dev/stderr "$LOG_DIR/security.log"
USER node
# A third of the start is compiling: done here, as whoever runs it, since the file system will be read-only. The key is this line's alone.
RUN SECRET_KEY=of-this-step-and-of-no-server-at-all node manage.ts openapi > /dev/null
EXPOSE 8000
STOPSIGNAL SIGTERM
# Alive is enough: a process that cannot serve does not start, and one whose database is away must not be killed for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No shell and no npm between: SIGTERM must reach the process, which then finishes what has begun (20 s at most).
CMD ["node", "main.ts"]
