import type { ReactNode } from "react";
import { Empty } from "#app/_ui/empty.tsx";

/** What became of a payment page. Said to those who cannot see it change, too. */
export function Told({
  title,
  icon,
  action,
  children,
}: {
  title: string;
  icon: ReactNode;
  action: ReactNode;
  children: ReactNode;
}) {
  return (
    <div role="status">
      <Empty title={title} icon={icon} action={action}>
        {children}
      </Empty>
    </div>
  );
}
