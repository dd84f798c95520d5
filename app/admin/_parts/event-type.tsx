import { Fragment } from "react";

/** An event's type, such as `customer.subscription.updated`, which breaks only between its words. */
export function EventType({ type }: { type: string }) {
  const parts = type.split(/(?<=[._])/);
  return (
    <span className="font-mono text-[0.8125rem] wrap-anywhere">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place.
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </span>
  );
}
