/**
 * Makes a run independent of the caller's shell: no server, key or port of theirs is ever used. What
 * one part of a run tells another is named `TEST_…` and stays.
 */
export function forgetCaller(): void {
  for (const name of Object.keys(process.env)) {
    if (OURS.test(name)) delete process.env[name];
  }
  process.env.NEXT_TELEMETRY_DISABLED = "1";
}

const OURS =
  /^(PG[A-Z]+|(BILLHOOK|STRIPE|PAYPAL|MOLLIE|NEXTAUTH|AUTH|SMTP|MAIL)_.*|(DATABASE|DATABASE_DIRECT|NEXTAUTH|SMTP)_URL|DATABASE_POOLER|METRICS_(TOKEN|PORT)|ROLE|HOST|PORT|TRUST_PROXY|LOG_LEVEL|WORKER_CONCURRENCY|POOL_SIZE)$/;
