import type { Protocol } from './model.ts';

const opaque = [
  'mysql mysqlx mariadb postgresql postgres pgsql pgbouncer ms-sql-s mssql sqlserver oracle',
  'redis redis-sentinel memcache memcached mongo mongodb cassandra cql',
  'amqp kafka nats mqtt stomp zookeeper epmd',
  'smtp submission imap pop3 sieve xmpp-client xmpp-server irc',
  'ftp ssh sftp telnet rsync git svn rfb vnc ldap kerberos domain nfs',
];
const tls = ['amqps rediss secure-mqtt mqtts smtps submissions imaps pop3s ftps ldaps'];

/**
 * Protocols that are no HTTP, by the names that IANA has for them, as Kubernetes wants appProtocol and as ports are called
 * (https://www.iana.org/assignments/service-names-port-numbers), and those that charts write instead. They count as a
 * whole only: a port `redis-exporter` speaks HTTP.
 */
export const knownNames: ReadonlyMap<string, Protocol> = new Map([...named('opaque', opaque), ...named('tls', tls)]);

function named(protocol: Protocol, lines: readonly string[]): readonly (readonly [string, Protocol])[] {
  return lines.flatMap((line) => line.split(' ')).map((name) => [name, protocol]);
}
