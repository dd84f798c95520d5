"use client";

import { Crash } from "./_ui/crash.tsx";

export default function PageError(props: { error: unknown; retry: () => void }) {
  return <Crash {...props} />;
}
