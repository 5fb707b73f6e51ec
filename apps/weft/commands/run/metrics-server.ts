/** Where a scraper reads what the proxy beside it counted, whichever engine it is: `/metrics`, or `/stats/prometheus`. Nothing else is answered. */
import http from 'node:http';
import { OPEN_METRICS_TYPE, PLAIN_TYPE, wantsOpenMetrics } from '@weft/core/metrics';
import { formatHostPort, type ListenAddress } from '../../control-plane/addresses.ts';
import { CommandError } from '../../errors.ts';

/** `read`: as OpenMetrics or as plain text, as the scraper asks. Resolves to what stops it. Throws CommandError when the address cannot be had. */
export async function serveMetrics(
  address: ListenAddress,
  read: (open: boolean) => Promise<string>,
): Promise<() => void> {
  const server = http.createServer((request, response) => {
    request.resume();
    const [path] = (request.url ?? '').split('?');
    if (
      (path !== '/metrics' && path !== '/stats/prometheus') ||
      (request.method !== 'GET' && request.method !== 'HEAD')
    ) {
      response.writeHead(404).end();
      return;
    }
    const open = wantsOpenMetrics(request.headers.accept ?? '');
    read(open).then(
      (text) => {
        response.writeHead(200, { 'content-type': open ? OPEN_METRICS_TYPE : PLAIN_TYPE });
        response.end(request.method === 'HEAD' ? undefined : text);
      },
      () => response.writeHead(503).end(),
    );
  });
  server.headersTimeout = 5000;
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new CommandError(
          `metrics cannot be served on ${formatHostPort(address)}: ${error.message}`,
          'Choose another address with --metrics.',
        ),
      ),
    );
    server.listen(address.port, address.host, resolve);
  });
  server.unref();
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
