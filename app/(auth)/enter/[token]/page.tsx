import type { Metadata } from "next";
import { currentUser } from "#app/_server/session.ts";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { Form } from "#app/_ui/form.tsx";
import { SubmitButton } from "#app/_ui/submit-button.tsx";
import type { Identity } from "#lib/identity/people/views.ts";
import { portalLinkByToken } from "#lib/identity/portal-links/views.ts";
import { enter } from "../../actions.ts";
import { OperatorFrame } from "../../operator-frame.tsx";

export const metadata: Metadata = { title: "Continue to billing" };

type Link = NonNullable<Awaited<ReturnType<typeof portalLinkByToken>>>;

/**
 * What a link of the product opens. Looking does not use it up, so that no preview does; and nobody is
 * signed in as somebody before they read as whom.
 */
export default async function EnterPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const [link, identity] = await Promise.all([portalLinkByToken(token), currentUser()]);
  if (!link?.works) return <Spent link={link} identity={identity} />;
  const { user, organization } = link;
  const other = identity && identity.user.id !== user.id ? identity.user : undefined;
  return (
    <OperatorFrame
      title={`Continue to ${organization.name}`}
      description="Its plan, invoices and payment methods."
    >
      <Form action={enter}>
        <input type="hidden" name="token" value={token} />
        {other && (
          <Banner tone="warning" title={`You are signed in as ${other.email}`}>
            Going on signs you out of that account in this browser. If you did not expect this,
            close the page.
          </Banner>
        )}
        <p className="text-sm wrap-anywhere">
          You go on as <strong>{user.email}</strong>.
        </p>
        <SubmitButton>{other ? `Sign out and continue` : "Continue"}</SubmitButton>
      </Form>
    </OperatorFrame>
  );
}

/** Whoever is inside already, as after pressing twice, goes on without another link. */
function Spent({ link, identity }: { link: Link | undefined; identity: Identity | undefined }) {
  const here = identity?.organizations.find(({ id }) => id === link?.organization.id);
  const isInside = here && identity?.user.id === link?.user.id;
  return (
    <OperatorFrame
      title="This link no longer works"
      description="It works once, for five minutes. Go back to where you came from and open it there again."
    >
      {isInside && (
        <ButtonLink variant="primary" href={`/portal/${here.slug}/billing`}>
          Continue to {here.name}
        </ButtonLink>
      )}
    </OperatorFrame>
  );
}
