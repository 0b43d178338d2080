/** Names that people give to what should not be reached from outside; whoever scans a host tries these and their like. */
const names = `
.aws/credentials .bash_history .bashrc .bzr .cache .circleci/config.yml .config .DS_Store .dockerenv .dockerignore .editorconfig .env .env.backup .env.bak .env.dev
.env.example .env.local .env.production .env.test .git .git/config .git/HEAD .git/index .github/workflows .gitignore .gitlab-ci.yml .hg .htaccess .htpasswd .idea
.kube/config .npmrc .netrc .profile .ssh/authorized_keys .ssh/id_rsa .svn .svn/entries .travis.yml .vscode/settings.json .well-known .well-known/acme-challenge
.well-known/openid-configuration .well-known/security.txt .yarnrc
_admin _all_dbs _cat/indices _cluster/health _config _debug _health _next _nodes _profiler _search _status _vti_bin
about access.log account accounts actuator actuator/beans actuator/env actuator/health actuator/heapdump actuator/mappings actuator/metrics admin admin.php admin/config
admin/index admin/login admin/users administration administrator adminer adminer.php analytics api api-docs api.json api/admin api/auth api/config api/debug api/docs
api/graphql api/health api/internal api/keys api/login api/metrics api/private api/session api/status api/swagger.json api/token api/tokens api/user api/users api/v1
api/v1/users api/v2 api/v3 app app.js app.py apps archive assets auth auth/login authorize axis2 backend backup backup.sql backup.tar.gz backup.zip backups beta bff
bff/admin bff/config bff/debug bff/health bff/metrics bff/token bff/tokens bin bitnami blog build bun.lock bunfig.toml
cache cgi-bin cgi-bin/test client cmd compose.yaml composer.json config config.json config.php config.yaml config.yml configuration connect console console/login contact
containers control cp cpanel credentials cron crossdomain.xml current
dashboard data data.json database database.sql db db.sqlite db/backup debug debug/pprof debug/vars default demo deploy dev dist docker-compose.yml Dockerfile docs
download downloads drupal dump dump.sql
edit editor elmah.axd email env environment error error.log errors eureka events example exec explorer export
favicon.ico feed file files forgot-password forum ftp fonts
gateway git graphiql graphql grafana h2-console hangfire haproxy health healthcheck healthz heapdump help home hooks host-manager/html html
id_rsa images img import include includes index index.html index.php info info.php install internal internal/heads internal/health internal/sessions
internal/users invoke isalive issuer
jenkins jmx-console job jobs jolokia js json jwks jwks.json keycloak keys kibana
latest lib LICENSE live livez local login login.jsp login.php logout logs logs/error.log
mail mails main manage management manager manager/html manifest.json master me media member members messages metrics metrics/prometheus mgmt monitor monitoring mysql
nagios new nginx_status node_modules node_modules/.bin notifications
oauth oauth/authorize oauth/token oauth2 oauth2/token oidc old openapi openapi.json openapi.yaml ops
package-lock.json package.json packages panel password passwords payments php-info phpinfo phpinfo.php phpmyadmin ping pma portal private private.key proc/self/environ
profile profiler prometheus proxy public
query queues rails/info ready readyz README.md realms realtime/admin redis redirect register remote report reports reset robots.txt root rpc rss
saml sample script scripts search secret secrets secure security server server-info server-status service services session sessions settings setup shell shutdown sidekiq
signin signup sitemap.xml soap socket socket.io source sql src ssh staging static stats status storage store stream swagger swagger-resources swagger-ui swagger-ui.html
swagger.json swagger.yaml swagger/index.html swagger/json swagger/ui sys system
tar temp template terminal test test.php tests tmp token tokens tools trace trace.axd tsconfig.json
ui undefined update upgrade upload uploads user userinfo users usr util
v1 v1/users v2 v2/_catalog v3 var vendor vendor/autoload.php version versions vpn
wallet web web-console web.config web.xml WEB-INF/web.xml webadmin webdav webhook webhooks websocket webmail wiki wordpress work wp wp-admin wp-config.php wp-content
wp-includes wp-json wp-login.php ws www xmlrpc.php yarn.lock zabbix zipkin
`;

export const commonPaths: readonly string[] = names
  .trim()
  .split(/\s+/)
  .map((name) => `/${name}`);
