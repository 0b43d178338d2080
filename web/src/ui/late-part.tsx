import { ErrorBoundary, type JSX, Suspense } from 'solid-js';
import { useApp } from '../context.ts';
import { failureText, text } from '../i18n/text.ts';

/**
 * Holds a part that is loaded when it is first shown. Where that fails, without a network or after a deployment replaced the files, a
 * notice says so, and `onFailed` takes back what asked for the part: asked for again it is loaded anew.
 */
export const LatePart = (props: { onFailed: () => void; children: JSX.Element }) => {
  const { notices } = useApp();
  const fail = (error: unknown, again: () => void) => {
    reportError(error);
    const reload = { label: text.connection.reload, run: () => window.location.reload() };
    if (navigator.onLine) notices.fail(text.connection.unshown, reload);
    else notices.fail(failureText('offline'));
    props.onFailed();
    again();
  };
  return (
    <ErrorBoundary
      fallback={(error, again) => {
        queueMicrotask(() => fail(error, again));
        return null;
      }}
    >
      <Suspense>{props.children}</Suspense>
    </ErrorBoundary>
  );
};
