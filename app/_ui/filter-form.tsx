"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useTransition } from "react";

/**
 * A GET form that leaves empty values out of the address and applies a choice at once. Without
 * scripts it is an ordinary form. `values` are what the address says, for when it changes elsewhere.
 */
export function FilterForm({
  action,
  values,
  children,
}: {
  action: string;
  values: Readonly<Record<string, string>>;
  children: ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const stamp = JSON.stringify(values);

  useEffect(() => {
    const current: Record<string, string> = JSON.parse(stamp);
    for (const field of form.current?.elements ?? []) {
      if (field === document.activeElement) continue;
      if (field instanceof HTMLInputElement && field.type !== "hidden") {
        field.value = current[field.name] ?? "";
      }
      if (field instanceof HTMLSelectElement) field.value = current[field.name] ?? "";
    }
  }, [stamp]);

  function apply() {
    if (!form.current) return;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form.current)) {
      if (typeof value === "string" && value.trim()) query.set(name, value.trim());
    }
    const address = query.size > 0 ? `${action}?${query}` : action;
    startTransition(() => router.push(address, { scroll: false }));
  }

  return (
    <form
      ref={form}
      method="get"
      action={action}
      aria-busy={pending}
      className="flex flex-wrap items-end gap-3 aria-busy:opacity-70"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
      onChange={(event) => {
        if (event.target instanceof HTMLSelectElement) apply();
      }}
    >
      {children}
    </form>
  );
}
