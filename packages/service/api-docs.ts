import { swagger } from '@elysiajs/swagger';
import { Elysia } from 'elysia';
// Of the package this file alone: its main one runs the whole page, at the cost of 37 MB and a quarter of a second in every service.
import getAbsoluteFSPath from 'swagger-ui-dist/absolute-path.js';
import { ProblemError } from './problem.ts';

/** Files of the documentation page; nothing else of the package is served. */
const assets: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/**
 * `/swagger/json` (OpenAPI) and `/swagger`, a page that loads nothing from elsewhere: the plugin's own page loads from a CDN and
 * breaks a strict CSP, so the route of ours below takes its place. The page holds no data and no session.
 */
export const apiDocs = (options: { name: string; about: string }) =>
  new Elysia()
    .use(
      swagger({
        path: '/swagger',
        specPath: '/swagger/json',
        exclude: [/^\/swagger/, '/metrics'],
        documentation: {
          info: { title: `ChatApp ${options.name}`, version: '0.1.0', description: options.about },
          components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
        },
      }),
    )
    .get('/swagger', () => asset(page(options.name), 'text/html; charset=utf-8'), { detail: { hide: true } })
    .get('/swagger/assets/init.js', () => asset(initScript, 'text/javascript; charset=utf-8'), {
      detail: { hide: true },
    })
    .get(
      '/swagger/assets/:file',
      ({ params: { file } }) => {
        const type = assets[file];
        if (type === undefined) throw new ProblemError('not-found');
        return asset(Bun.file(`${getAbsoluteFSPath()}/${file}`), type);
      },
      { detail: { hide: true } },
    );

const asset = (body: BodyInit, type: string): Response =>
  new Response(body, {
    headers: { 'content-type': type, 'content-security-policy': policy, 'cache-control': 'no-cache' },
  });

const page = (name: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ChatApp ${name}: API</title>
<link rel="stylesheet" href="/swagger/assets/swagger-ui.css">
</head>
<body>
<div id="swagger"></div>
<script src="/swagger/assets/swagger-ui-bundle.js"></script>
<script src="/swagger/assets/init.js"></script>
</body>
</html>
`;

const initScript = `SwaggerUIBundle({ url: '/swagger/json', dom_id: '#swagger', deepLinking: true, validatorUrl: null });\n`;
