import { buttonClass } from "#app/_ui/button.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";

/** For browsers without scripts, whose forms may not lead to another site: the page itself may. */
export function OnTheWay({ url }: { url: string }) {
  return (
    <>
      <meta httpEquiv="refresh" content={`0;url=${url}`} />
      <PageHeader
        title="On to the payment page"
        description="If nothing happens, go there yourself."
      />
      <div>
        <a href={url} className={buttonClass({ variant: "primary" })}>
          Go on to pay
        </a>
      </div>
    </>
  );
}
