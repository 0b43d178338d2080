type PolicyFactory = {
  createPolicy: (name: string, rules: { createHTML: (html: string) => string | null }) => unknown;
};

/**
 * The page's default policy for Trusted Types: `innerHTML` takes the templates of this build and nothing else, whoever asks. The
 * policy exists once; a second one of the same name is refused by the browser. What it does not take the browser refuses with a TypeError, and reports
 * as a violation; an error of the policy's own would be one that nobody hears of.
 */
export const allowTemplates = (templates: readonly string[], factory: PolicyFactory | undefined): void => {
  const known = new Set(templates);
  factory?.createPolicy('default', {
    createHTML: (html) => (known.has(html) ? html : null),
  });
};
