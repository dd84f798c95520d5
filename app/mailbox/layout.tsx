import type { ReactNode } from "react";

/** Outside of every area: mails are read by whoever sits at the machine. */
export default function MailboxLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto grid w-full max-w-3xl grid-cols-[minmax(0,1fr)] gap-6 px-4 py-8">
      {children}
    </main>
  );
}
