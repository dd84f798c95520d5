import { clsx } from "clsx";

/** A place where something will be, once it has been read. */
export function Skeleton({ className }: { className?: string }) {
  return <div className={clsx("animate-pulse rounded-sm bg-line", className ?? "h-4 w-full")} />;
}

/** A whole page while it loads: title, a line, a card. For `loading.tsx`. */
export function PageSkeleton() {
  return (
    <div role="status" className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <span className="sr-only">Loading</span>
      <div aria-hidden="true" className="grid grid-cols-[minmax(0,1fr)] gap-3">
        <Skeleton className="h-8 w-56 max-w-full" />
        <Skeleton className="h-4 w-96 max-w-full" />
      </div>
      <div
        aria-hidden="true"
        className="grid grid-cols-[minmax(0,1fr)] gap-5 rounded-md border border-line bg-surface p-5"
      >
        <Skeleton className="h-4 w-1/3" />
        <Skeleton className="h-4 w-full" />
        <Skeleton className="h-4 w-5/6" />
        <Skeleton className="h-4 w-2/3" />
      </div>
    </div>
  );
}
