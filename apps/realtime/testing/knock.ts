/** The answer to a handshake that is not let in; 101 where it is. */
export const knock = async (
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; code: string | undefined }> => {
  const response = await fetch(url, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
    },
  });
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  return { status: response.status, code: isProblem ? ((await response.json()) as { code: string }).code : undefined };
};
