import sanitizeHtml from 'sanitize-html'
import { isSafeReference } from './links.ts'

const TEXT = ['p', 'br', 'hr', 'b', 'strong', 'i', 'em', 'u', 's', 'del', 'ins', 'sub', 'sup', 'small', 'mark', 'span']
const BLOCKS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code', 'ul', 'ol', 'li', 'div']
const TABLES = ['table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'caption']

/** A page that shows it may open others of it, but tells them nothing, and vouches for none. */
const REL = 'noopener noreferrer nofollow ugc'

/**
 * HTML of which nothing runs, loads or styles, wherever it is shown: these elements, no attribute but the address of a link,
 * and that of the web, of mail, or a path of this site. Images are left out: to load one tells its owner who reads. What it
 * returns it leaves as it is.
 */
export const safeHtml = (html: string): string => sanitizeHtml(html, OPTIONS)

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: [...TEXT, ...BLOCKS, ...TABLES, 'a'],
  allowedAttributes: { a: ['href', 'rel'] },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'xmp',
    'noscript',
    'title',
    'template',
    'svg',
    'math',
    'iframe',
  ],
  nestingLimit: 50,
  transformTags: { a: (tagName, { href = '' }) => ({ tagName, attribs: attributesOf(href) }) },
}

const attributesOf = (href: string): sanitizeHtml.Attributes => (isSafeReference(href) ? { href, rel: REL } : {})
