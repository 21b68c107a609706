import { dealLink, dealText } from '../../client/src/deals/offer-link.ts'

/** What people hand to each other for deals, as a link; the texts in it have parsers of their own. */
export const dealLinkParsers = [
  {
    name: 'link of a deal',
    takes: 'text' as const,
    good: [dealLink('{"teahouse-deal":1}'), dealLink('{"teahouse-signed":1}')],
    parse: dealText,
  },
]
