import type { ReactNode } from "react";
import { Announced } from "#app/_ui/announced.tsx";
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
    <Announced of={title}>
      <Empty title={title} icon={icon} action={action}>
        {children}
      </Empty>
    </Announced>
  );
}
