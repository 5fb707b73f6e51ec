// A backend whose port opens and closes on order: GET /open, /close and /state on the port CONTROL.
import http from 'node:http';

const { PORT, CONTROL, NAME } = process.env;
let server;

const close = () => {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
};

const open = () =>
  new Promise((resolve) => {
    close();
    server = http.createServer((_, response) => response.end(JSON.stringify({ name: NAME })));
    server.listen(Number(PORT), '127.0.0.1', resolve);
  });

http
  .createServer(async (request, response) => {
    if (request.url === '/open') await open();
    if (request.url === '/close') close();
    response.end(server === undefined ? 'closed' : 'open');
  })
  .listen(Number(CONTROL), '127.0.0.1');
