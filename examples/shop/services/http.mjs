// A few lines over node:http that the shop's HTTP services share. Nothing here knows of a mesh.
import http from 'node:http';

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** Serves `answer(request) -> {status?, body}` as JSON on PORT. */
export function serve(answer) {
  const server = http.createServer((request, response) => {
    request.resume();
    Promise.resolve()
      .then(() => answer(request))
      .then(
        ({ status = 200, body }) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(`${JSON.stringify(body)}\n`);
        },
        (error) => {
          response.writeHead(502, { 'content-type': 'application/json' });
          response.end(`${JSON.stringify({ error: error.message })}\n`);
        },
      );
  });
  server.keepAliveTimeout = 60_000;
  server.listen(Number(process.env.PORT), '127.0.0.1');
  process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}

/** GET `url` as JSON; a status of 400 or more is an error. */
export function get(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode >= 400) reject(new Error(`${url} answered ${response.statusCode}: ${text.trim()}`));
        else {
          try {
            resolve(JSON.parse(text));
          } catch (error) {
            reject(error);
          }
        }
      });
    });
    request.on('error', reject);
  });
}
