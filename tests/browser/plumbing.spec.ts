import { createServer } from "node:http";
import { expect, test } from "@playwright/test";

test("shows a page that a local server serves", async ({ page }) => {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>Billhook</title><h1>Served from here</h1>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;

  await page.goto(`http://127.0.0.1:${port}/`);

  await expect(page.getByRole("heading", { name: "Served from here" })).toBeVisible();
  await new Promise((resolve) => server.close(resolve));
});
