import { expect, it } from 'bun:test';
import { readConfig } from './config.ts';
import { furtherIssuersSetting } from './further-issuers.ts';

it('leaves out the slash at the end of an issuer, as with the main one', () => {
  const one = { alias: 'corp', name: 'Corp', clientId: 'chatapp' };
  const list = ['https://a.example/', 'https://b.example/realm', 'https://c.example//'].map((issuer) => ({
    ...one,
    issuer,
  }));
  const { further } = readConfig({ further: furtherIssuersSetting }, { OIDC_FURTHER_ISSUERS: JSON.stringify(list) });
  expect(further?.map(({ issuer }) => issuer)).toEqual([
    'https://a.example',
    'https://b.example/realm',
    'https://c.example',
  ]);
});
