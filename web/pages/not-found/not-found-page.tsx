import type { PageProps } from '../../router.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { signInAddress, viewer } from '../../shell/viewer.ts';

/** The same for what does not exist and for what this viewer may not know of. */
export default function NotFoundPage(_: PageProps) {
  usePageTitle(['Not found']);
  return (
    <div class="empty-state">
      <h1>Not found</h1>
      <p>
        There is nothing at this address, or you may not see it. Check the address, or ask a maintainer to add
        you.
      </p>
      <p class="actions">
        <a class="button" href="/">
          All projects
        </a>
        {viewer.value === null ? (
          <a class="button" href={signInAddress()}>
            Sign in
          </a>
        ) : null}
      </p>
    </div>
  );
}
