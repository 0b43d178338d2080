interface Ports {
  readonly port: number;
  readonly upstreamPort: number;
  /** Takes what the proxy writes. */
  readonly folder: string;
}

/** One worker, kept connections both ways, no access log; else as it comes. */
export const nginxConfiguration = ({ port, upstreamPort, folder }: Ports): string => `
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
error_log ${folder}/error.log warn;
pid ${folder}/nginx.pid;
events { worker_connections 16384; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000000;
  upstream service {
    server 127.0.0.1:${upstreamPort};
    keepalive 256;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    location / {
      proxy_set_header Connection "";
      proxy_pass http://service;
    }
    location /realtime {
      proxy_set_header Connection upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_read_timeout 1h;
      proxy_pass http://service;
    }
  }
}
`;

/** One thread, kept connections that any request may use, no log; else as it comes. */
export const haproxyConfiguration = ({ port, upstreamPort }: Ports): string => `
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m
  timeout tunnel 1h
frontend edge
  bind 127.0.0.1:${port}
  default_backend service
backend service
  http-reuse always
  server service 127.0.0.1:${upstreamPort}
`;
