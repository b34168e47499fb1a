import { isAddressLoss, parseRulesetNews } from '#formats/netlink/news.ts';
import type { RulesetNews } from '#formats/netlink/news.ts';
import { netlinkGroups, NetlinkWatch } from '#adapters/libc/netlink-watch.ts';
import type { Firewall } from './firewall.ts';
import type { ForeignFilter } from './foreign-filter.ts';

export type GuardOptions = {
  readonly firewall: Firewall;
  readonly foreignFilter: ForeignFilter;
  /** Looks after all bridges; says what was missing. */
  readonly raiseBridges: () => string[];
  readonly notify: (text: string) => void;
};

/** Puts back what others take away: rules (`nft flush ruleset`, a firewall's reload), bridges and their addresses. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #rules = new NetlinkWatch('netfilter', netlinkGroups.netfilter.nftables);
  readonly #addresses = new NetlinkWatch('route', netlinkGroups.route.ipv4Addresses);

  /** What is still to be looked after. */
  readonly #open = new Set<Concern>();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Once the kernel has told of something. What fails is done the next time. */
  look(): void {
    this.#takeNews();
    const { firewall, foreignFilter, raiseBridges, notify } = this.#options;
    this.#settle('bridges', () => raiseBridges().forEach(notify));
    this.#settle('rules', () => {
      if (firewall.restore())
        notify(`rules of table ${firewall.table} were taken away by somebody: written again`);
    });
    this.#settle('foreign filter', () => foreignFilter.renew());
  }

  #settle(what: Concern, work: () => void): void {
    if (!this.#open.has(what)) return;
    work();
    this.#open.delete(what);
  }

  #takeNews(): void {
    const addresses = this.#addresses.take();
    if (addresses === undefined || addresses.some(isAddressLoss)) this.#open.add('bridges');
    const news = this.#rules.take()?.map(parseRulesetNews);
    const { table: own } = this.#options.firewall;
    for (const one of news ?? [{ table: own, isLoss: true }, ANY_FILTER]) {
      if (one?.table === own && one.isLoss) this.#open.add('rules');
      if (one?.table === ANY_FILTER.table) this.#open.add('foreign filter');
    }
  }
}

/** Where iptables-nft keeps its rules. */
const ANY_FILTER: RulesetNews = { table: 'filter', isLoss: true };

type Concern = 'bridges' | 'rules' | 'foreign filter';
