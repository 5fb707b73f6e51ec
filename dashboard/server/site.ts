/** The dashboard's files over HTTP, the same for everybody: they hold nothing of a mesh. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Asset, dashboardAssets } from './assets.ts';
import { SECURITY_HEADERS } from './headers.ts';

export interface DashboardSite {
  readonly below: '/dashboard/';
  /** `path` is what comes behind `below`, '' for the page. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): void;
}

export function dashboardSite(): DashboardSite {
  // Read when somebody asks first: a control plane that nobody looks at needs none of it.
  let assets: ReadonlyMap<string, Asset> | undefined;
  return {
    below: '/dashboard/',
    serve(request, response, path) {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      assets ??= dashboardAssets();
      const found = assets.get(path);
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return refuse(response, 405, 'only GET is served here');
      if (found === undefined) return refuse(response, 404, 'there is no such page');
      const headers = { 'content-type': found.type, etag: found.etag, 'cache-control': 'no-cache' };
      if (request.headers['if-none-match'] === found.etag) {
        response.writeHead(304, headers).end();
        return;
      }
      response.writeHead(200, { ...headers, 'content-length': found.body.length });
      response.end(request.method === 'HEAD' ? undefined : found.body);
    },
  };
}

/** A JSON object with a message, as the API answers. */
export function refuse(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify({ message })}\n`);
}
