import { describe, expect, it } from 'bun:test';
import { transformAsync } from '@babel/core';
import { parseAst } from 'vite';
import { allowTemplates } from '../src/trusted-types.ts';
import { fillIn, templatesIn } from './trusted-templates.ts';

const compiled = async (jsx: string) =>
  (await transformAsync(jsx, { filename: 'x.jsx', babelrc: false, configFile: false, presets: ['babel-preset-solid'] }))
    ?.code ?? '';

describe('templatesIn', () => {
  it('finds what Solid will hand to innerHTML', async () => {
    const code = await compiled(
      'const A = (p) => <p class="a">`{p.x}` <b title={"q"}>two</b></p>; const B = () => <svg><path/></svg>;',
    );
    expect(templatesIn(parseAst(code))).toEqual([
      expect.stringContaining('<p class=a>`'),
      expect.stringContaining('<svg>'),
    ]);
  });

  it('refuses a template that is no constant', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
    expect(() => templatesIn(parseAst('_$template(`<p>${x}`)'))).toThrow();
  });
});

describe('fillIn', () => {
  it('writes the list where the placeholder stands, whatever quotes a minifier chose', () => {
    for (const quote of ['"', "'", '`']) {
      const code = fillIn(`x=[${quote}__TRUSTED_TEMPLATES__${quote}]`, ['<p>"`$1', '<b>']);
      expect(new Function(`let ${code}; return x`)()).toEqual(['<p>"`$1', '<b>']);
    }
  });
});

describe('allowTemplates', () => {
  it('accepts the templates of this build and nothing else', () => {
    let createHTML = (html: string): string | null => html;
    allowTemplates(['<p>'], {
      createPolicy: (name, rules) => {
        expect(name).toBe('default');
        createHTML = rules.createHTML;
      },
    });
    expect(createHTML('<p>')).toBe('<p>');
    expect(createHTML('<p><img src=x onerror=alert(1)>')).toBeNull();
  });

  it('does nothing in a browser without Trusted Types', () => {
    expect(() => allowTemplates([], undefined)).not.toThrow();
  });
});
