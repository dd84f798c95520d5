FROM node:24-slim AS build
WORKDIR /billhook
COPY package.json package-lock.json ./
COPY scripts/patch-driver.mjs scripts/
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev && rm -rf .next/cache

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /billhook
COPY --from=build --chown=node:node /billhook ./
USER node
EXPOSE 3000
CMD ["npm", "start"]
