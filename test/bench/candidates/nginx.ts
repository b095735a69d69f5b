import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { backendPorts, cores, onCore, podAddress } from '../ground.ts';
import type { Candidate } from './candidate.ts';

const address = '10.96.1.20';
const ownPort = 9104;

/** nginx with one worker, which is the only process, and an access log in a file. */
export const nginxHttp: Candidate = {
  name: 'nginx, access_log',
  needs: { nginx: 'nginx-light' },
  async start(ground) {
    const { folder, redirect } = ground;
    const file = path.join(folder, 'nginx.conf');
    await writeFile(file, configuration(folder));
    const { pid } = ground.namespace.start({
      command: onCore(cores.proxy, ['nginx', '-c', file, '-p', folder, '-e', path.join(folder, 'nginx-error.log')]),
    });
    await redirect({ address, port: 80 }, ownPort);
    return { pid, address, port: 80 };
  },
};

function configuration(folder: string): string {
  return `
daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log ${folder}/nginx-access.log combined;
  keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path ${folder}/nginx-1; proxy_temp_path ${folder}/nginx-2; fastcgi_temp_path ${folder}/nginx-3;
  uwsgi_temp_path ${folder}/nginx-4; scgi_temp_path ${folder}/nginx-5;
  upstream backend { server ${podAddress}:${backendPorts.http}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${ownPort} backlog=1024;
    location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;
}
