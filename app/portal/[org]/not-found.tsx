import { Missing } from "#app/_ui/missing.tsx";

export default function NotFound() {
  return <Missing backHref="/portal" backLabel="Go to your organizations" />;
}
