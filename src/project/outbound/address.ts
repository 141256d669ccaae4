import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** How an address stands to this machine: `local` opens by the administrator's setting, `never` only by name. */
export type AddressKind = 'public' | 'local' | 'never';

const LOCAL = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
]);

/** Unspecified, special purpose, documentation, benchmarks, multicast, broadcast, tunnels with a hidden target. */
const NEVER = blockList([
  '0.0.0.0/8',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  'ff00::/8',
]);

/** Where an IPv6 address of these networks carries an IPv4 address, as the index of its first 16 bits. */
const CARRIERS: readonly { prefix: readonly number[]; at: number }[] = [
  { prefix: [0, 0, 0, 0, 0, 0xffff], at: 6 }, // mapped
  { prefix: [0, 0, 0, 0, 0xffff, 0], at: 6 }, // translated
  { prefix: [0, 0, 0, 0, 0, 0], at: 6 }, // compatible
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 }, // NAT64
  { prefix: [0x2002], at: 1 }, // 6to4
];

/** What kind of address this is (security NET-2). `address` is an IP address as the resolver or a URL's parser gives it. */
export function addressKind(address: string): AddressKind {
  const plain = withoutZone(address);
  const own = kindByNetwork(plain);
  if (own !== 'public') return own;
  const carried = isIPv6(plain) ? carriedAddress(plain) : null;
  return carried === null ? 'public' : kindByNetwork(carried);
}

function kindByNetwork(address: string): AddressKind {
  if (contains(NEVER, address)) return 'never';
  return contains(LOCAL, address) || isOwn(address) ? 'local' : 'public';
}

/** An address of this machine is local, whatever network it is from. */
function isOwn(address: string): boolean {
  const own = Object.values(networkInterfaces()).flat();
  return own.some((one) => one !== undefined && withoutZone(one.address) === address);
}

/** The IPv4 address inside an IPv6 one, or null. `::` and `::1` carry none. */
export function carriedAddress(address: string): string | null {
  const groups = ipv6Groups(address);
  const carrier = CARRIERS.find(({ prefix }) => prefix.every((group, index) => groups[index] === group));
  if (carrier === undefined) return null;
  const [high = 0, low = 0] = groups.slice(carrier.at);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight numbers of an IPv6 address; the URL parser brings every spelling into one form first. */
function ipv6Groups(address: string): number[] {
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const before = numbers(head);
  const after = numbers(tail ?? '');
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(gap).fill(0), ...after];
}

function numbers(groups: string): number[] {
  return groups === '' ? [] : groups.split(':').map((group) => Number.parseInt(group, 16));
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

/** A set of networks from `address/bits`; an address without bits is itself. Ignores what is neither. */
export function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const most = family === 'ipv4' ? 32 : 128;
    const length = bits === undefined ? most : Number(bits);
    if (family === 'ipv6' && !isIPv6(address)) continue;
    if (Number.isInteger(length) && length >= 0 && length <= most) list.addSubnet(address, length, family);
  }
  return list;
}

/** Whether an address lies in one of the networks. */
export function contains(list: BlockList, address: string): boolean {
  const plain = withoutZone(address);
  return list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
