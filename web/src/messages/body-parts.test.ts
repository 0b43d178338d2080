import { describe, expect, it } from 'bun:test';
import { ann } from '../../test/people.ts';
import { bodyParts, plainText } from './body-parts.ts';

describe('bodyParts', () => {
  it('leaves plain text whole', () => {
    expect(bodyParts('a < b & c\nd')).toEqual([{ kind: 'text', text: 'a < b & c\nd' }]);
  });

  it('finds mentions, code and addresses', () => {
    expect(bodyParts(`<@${ann}> run \`tide --week\`, see https://example.org/tides.`)).toEqual([
      { kind: 'mention', userId: ann },
      { kind: 'text', text: ' run ' },
      { kind: 'code', text: 'tide --week' },
      { kind: 'text', text: ', see ' },
      { kind: 'link', text: 'https://example.org/tides', href: 'https://example.org/tides' },
      { kind: 'text', text: '.' },
    ]);
  });

  it.each([
    ['https://en.wikipedia.org/wiki/Mercury_(planet)', ''],
    ['https://en.wikipedia.org/wiki/Mercury_(planet)', ').'],
    ['https://example.org/a[1]', '],'],
    ['https://example.org/a', ')'],
    ['https://example.org/a', '...'],
  ])('takes %s for the address before "%s"', (href, behind) => {
    const end = behind === '' ? [] : [{ kind: 'text' as const, text: behind }];
    expect(bodyParts(`${href}${behind}`)).toEqual([{ kind: 'link', text: href, href }, ...end]);
  });

  it('makes no link of any other scheme', () => {
    for (const body of ['javascript:alert(1)', 'data:text/html,x', 'http://']) {
      expect(bodyParts(body).some(({ kind }) => kind === 'link')).toBe(false);
    }
  });

  it('shows no mention and no link inside code', () => {
    expect(bodyParts(`\`<@${ann}> https://example.org\``)).toEqual([
      { kind: 'code', text: `<@${ann}> https://example.org` },
    ]);
    expect(bodyParts('```\nlet x = 1;\n```')).toEqual([{ kind: 'block', text: 'let x = 1;' }]);
  });
});

describe('plainText', () => {
  it('is one line with names in it', () => {
    expect(plainText(`Hello <@${ann}>,\n\n  see \`this\``, () => 'Ann')).toBe('Hello @Ann, see this');
  });
});
