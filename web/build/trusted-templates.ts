import type { Plugin } from 'vite';

/**
 * Trusted Types for Solid: its templates go through `innerHTML`. This plugin collects their texts while building and writes them
 * into `virtual:trusted-templates`, so that the page's policy can accept exactly these and refuse everything else.
 */

const moduleName = 'virtual:trusted-templates';
const placeholder = '__TRUSTED_TEMPLATES__';

type Node = { type: string; [key: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** The texts of all `_$template(…)` calls below a syntax tree. A template that is no plain text is refused: nobody could vouch for it. */
export const templatesIn = (tree: unknown): string[] => {
  if (Array.isArray(tree)) return tree.flatMap(templatesIn);
  if (!isNode(tree)) return [];
  const own = isTemplateCall(tree) ? [textOf((tree.arguments as Node[])[0])] : [];
  return own.concat(Object.values(tree).flatMap((child) => (typeof child === 'object' ? templatesIn(child) : [])));
};

const isTemplateCall = (node: Node): boolean =>
  node.type === 'CallExpression' && isNode(node.callee) && node.callee.name === '_$template';

const textOf = (argument: Node | undefined): string => {
  if (argument?.type === 'Literal' && typeof argument.value === 'string') return argument.value;
  const quasis = argument?.type === 'TemplateLiteral' ? (argument.quasis as { value: { cooked: string } }[]) : [];
  const [only] = quasis;
  if (only === undefined || quasis.length !== 1) throw new Error('a Solid template that is not a constant text');
  return only.value.cooked;
};

/** The list as it stands in the built script, without its brackets. */
export const fillIn = (code: string, templates: Iterable<string>): string =>
  code.replace(new RegExp(`(["'\`])${placeholder}\\1`), () =>
    Array.from(templates, (text) => JSON.stringify(text)).join(','),
  );

/** The plugin; its module exports `templates: string[]`, empty while serving for development. */
export const trustedTemplates = (): Plugin => {
  const templates = new Set<string>();
  return {
    name: 'trusted-templates',
    enforce: 'post',
    apply: 'build',
    resolveId: (id) => (id === moduleName ? `\0${moduleName}` : undefined),
    load: (id) => (id === `\0${moduleName}` ? `export const templates = ['${placeholder}'];` : undefined),
    transform(code) {
      if (code.includes('_$template(')) for (const text of templatesIn(this.parse(code))) templates.add(text);
      return null;
    },
    renderChunk: (code) => (code.includes(placeholder) ? { code: fillIn(code, templates), map: null } : null),
  };
};
