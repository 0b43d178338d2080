import { describe, expect, it } from 'bun:test';
import { pageOrigins } from './page-origins.ts';

describe('pageOrigins', () => {
  const publicUrl = 'https://chat.example';

  it('always has that of PUBLIC_URL', () => {
    expect(pageOrigins({ publicUrl })).toEqual([publicUrl]);
    expect(pageOrigins({ publicUrl, origins: ['https://admin.example'] })).toEqual([
      publicUrl,
      'https://admin.example',
    ]);
  });

  it('has each as a browser writes it, once', () => {
    expect(pageOrigins({ publicUrl: `${publicUrl}:443/`, origins: ['https://CHAT.example/'] })).toEqual([publicUrl]);
  });
});
