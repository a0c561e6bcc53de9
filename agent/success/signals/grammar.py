"""How six languages deny, doubt and suppose: what turns a mention into no news, or into a maybe.

This is language, not customer-success policy, so it lives here and the policy files hold only
what each sign sounds like. All phrases are in the phrase language of `lexicon`.
"""

from __future__ import annotations

from dataclasses import dataclass

SPANNING_NEGATORS = frozenset({
    "no", "without", "keine", "kein", "keinen", "keiner", "keinerlei", "ohne", "aucun", "aucune",
    "sans", "sin", "ningun", "ninguna", "geen", "zonder", "sem", "nenhum", "nenhuma",
})  # fmt: skip
"""Negators that reach across the commas of a list ("no layoffs, no mergers or budget cuts")."""


@dataclass(frozen=True)
class Grammar:
    """Phrases of one language.

    Attributes:
        negators: deny what follows in the same clause.
        empty: look like a denial and are none ("not only"); taken out before looking.
        denied_after: deny what stands before them ("layoffs are not planned").
        doubt: make a mention a maybe, anywhere in its clause.
        condition: make everything after them in the sentence a maybe.
        certain: look like doubt and are none ("as soon as possible", the month of May).
        otherwise: what stands before them is a condition for what comes after ("or else").
        unless: what comes after them is a condition for what stands before.
        over: long past, or never come true.
        joins: words that begin a new clause, as punctuation does.
        others: subjects that are not the customer ("our supplier").
        others_in_mail: the same where the customer writes: their own customers, and us. In our
            own notes "our customer" is the account itself.
    """

    negators: tuple[str, ...]
    empty: tuple[str, ...]
    denied_after: tuple[str, ...]
    doubt: tuple[str, ...]
    condition: tuple[str, ...]
    certain: tuple[str, ...]
    otherwise: tuple[str, ...]
    unless: tuple[str, ...]
    over: tuple[str, ...]
    joins: tuple[str, ...]
    others: tuple[str, ...]
    others_in_mail: tuple[str, ...]


ENGLISH = Grammar(
    negators=("not", "no", "never", "without", "neither", "nor", "none", "nobody", "cannot",
              "don't", "doesn't", "didn't", "won't", "isn't", "aren't", "wasn't", "weren't",
              "haven't", "hasn't", "can't", "wouldn't", "couldn't", "shouldn't", "hadn't"),
    empty=("not only", "not just", "no doubt", "no wonder", "no choice", "no other choice",
           "no option but", "no question", "no secret", "why not", "no longer happy"),
    denied_after=("not planned", "not expected", "not foreseen", "not happening", "not on the",
                  "not an issue", "not a topic", "not an option", "not true", "not going ahead",
                  "not affected", "off the table", "ruled out", "called off", "averted", "avoided",
                  "n't planned", "did not happen", "didn't happen", "isn't planned",
                  "aren't planned", "isn't happening", "aren't happening", "isn't on the",
                  "out of the question"),
    doubt=("might", "may", "could", "possibly", "possible", "perhaps", "maybe", "potentially",
           "potential", "rumour*", "rumor*", "not sure", "not yet", "thinking about",
           "thinking of", "wondering", "not rule out", "n't rule out", "can't rule out",
           "cannot rule out", "cannot|can't|not be ruled out", "likely", "unlikely",
           "toying", "hypothetical*", "supposedly"),
    condition=("if", "unless", "in case", "in the event", "should we", "should you", "should the",
               "what would happen", "suppose", "rumour*", "rumor*", "hearsay"),
    certain=("as soon as possible", "if possible", "wherever possible", "if not",
             "in|by|until|since|from|of|after|before|next|last|early|late|mid|this may",
             "may 1*|2*|3*|4|5|6|7|8|9", "1*|2*|3*|4|5|6|7|8|9 may"),
    otherwise=("otherwise", "or else", "either", "or we|i|they", "or it's|is|will"),
    unless=("unless", "except if", "if this|that|it|things|nothing"),
    over=("back in", "back then", "years ago", "at the time",
          "would|wouldn't have *ed|gone|left|been|chosen|bought|taken|lost|sent", "in the past",
          "before we chose|bought|had|found you"),
    joins=("and", "but", "however", "so", "because", "therefore", "while", "although", "though",
           "since", "instead", "which"),
    others=("our|a|the|my|another|some|their|your|an (of) (our) (biggest|main|largest|own|other) "
            "supplier|suppliers|competitor|competitors|rival|rivals|subcontractor|subcontractors|"
            "neighbour|neighbours", "one of our|their suppliers|competitors|customers|clients",
            "their (own|biggest|main|largest) customer|customers|client|clients"),
    others_in_mail=("our|my|another (own|biggest|main|largest|other) customer|customers|client|"
                    "clients", "your company|team|support|side|people", "you are|have|had|were"),
)  # fmt: skip
GERMAN = Grammar(
    negators=("nicht", "kein*", "nie", "niemals", "ohne", "weder", "niemand"),
    empty=("nicht nur", "kein wunder", "keine wahl", "keine andere wahl", "keine frage"),
    denied_after=("nicht geplant", "nicht vorgesehen", "nicht zu erwarten", "kein thema",
                  "ausgeschlossen", "keine rede", "nicht die rede", "vom tisch",
                  "nicht statt", "nicht betroffen", "abgewendet"),
    doubt=("vielleicht", "eventuell", "moglicherweise", "womoglich", "konnte|konnten", "geruchte*",
           "noch nicht", "nicht ausgeschlossen", "nicht ausschliessen", "wahrscheinlich",
           "unter umstanden", "uberlegen", "dem vernehmen"),
    condition=("wenn", "falls", "im falle", "sofern", "angenommen", "geruchte*", "es heisst"),
    certain=("so bald wie moglich", "wenn moglich", "wenn nicht"),
    otherwise=("sonst", "andernfalls", "ansonsten", "entweder", "oder wir"),
    unless=("es sei denn", "ausser wenn", "wenn .. nicht"),
    over=("damals", "vor .. jahren", "seinerzeit"),
    joins=("und", "aber", "jedoch", "deshalb", "daher", "weil", "wahrend", "obwohl", "sondern"),
    others=("unser*|ein|eine|einer|der|die|ihr* lieferant|lieferanten|wettbewerber|mitbewerber|"
            "konkurrent|konkurrenten|subunternehmer|nachbar",),
    others_in_mail=("unser*|einer (grosste*|wichtigste*|unserer) kunde|kunden|kundin",
                    "ihre firma", "ihr unternehmen", "bei ihnen"),
)  # fmt: skip
FRENCH = Grammar(
    negators=("pas", "aucun", "aucune", "jamais", "sans", "ni", "personne"),
    empty=("pas seulement", "pas le choix", "pas etonnant", "sans doute"),
    denied_after=("pas prevu*", "pas a l'ordre", "exclu*", "pas d'actualite", "pas question",
                  "pas concerne*", "ecarte*"),
    doubt=("peut-etre", "peut etre", "pourrait", "pourraient", "pourrions", "eventuellement",
           "possible", "probablement", "rumeur*", "pas encore", "pas exclu*", "sans doute"),
    condition=("si", "au cas ou", "en cas de", "s'il", "s'ils", "rumeur*"),
    certain=("des que possible", "si possible", "sinon"),
    otherwise=("sinon", "autrement", "faute de quoi", "ou nous|on", "soit"),
    unless=("sauf si", "a moins"),
    over=("a l'epoque", "il y a .. ans", "aurions ete"),
    joins=("et", "mais", "donc", "car", "cependant", "alors", "parce", "tandis"),
    others=("notre|nos|un|une|le|votre|vos|leur|leurs fournisseur|fournisseurs|concurrent|"
            "concurrents|rival|voisin",),
    others_in_mail=("notre|nos (plus) (gros) client|clients", "chez vous",
                    "votre entreprise|societe"),
)  # fmt: skip
SPANISH = Grammar(
    negators=("no", "nunca", "sin", "ningun", "ninguna", "tampoco", "jamas", "nadie"),
    empty=("no solo", "no solamente", "sin duda", "no hay mas remedio"),
    denied_after=("no esta* previst*", "no se preve*", "descartad*", "no afecta*"),
    doubt=("quiza", "quizas", "tal vez", "podria", "podrian", "podriamos", "posible",
           "posiblemente", "probablemente", "rumor*", "todavia no", "aun no", "no se descarta*"),
    condition=("si", "en caso de", "en el caso", "rumor*"),
    certain=("lo antes posible", "si es posible"),
    otherwise=("de lo contrario", "si no", "o nos", "en caso contrario", "o bien"),
    unless=("a menos que", "salvo que", "a no ser"),
    over=("en su dia", "hace .. anos", "en aquel entonces", "hubieramos"),
    joins=("y", "pero", "porque", "aunque", "sino", "mientras", "por eso"),
    others=("nuestro|nuestra|nuestros|un|una|el|su|sus proveedor|proveedores|competidor|"
            "competidores|rival",),
    others_in_mail=("nuestro|nuestra|nuestros (mayor|principal) cliente|clientes",
                    "su|vuestra empresa"),
)  # fmt: skip
DUTCH = Grammar(
    negators=("niet", "geen", "nooit", "zonder", "niemand"),
    empty=("niet alleen", "geen wonder", "geen keus", "geen keuze"),
    denied_after=("niet gepland", "niet voorzien", "niet aan de orde", "uitgesloten",
                  "van de baan", "van tafel", "gaat niet door", "gaan niet door"),
    doubt=("misschien", "mogelijk", "wellicht", "zou", "zouden", "kan zijn", "eventueel",
           "gerucht*", "nog niet", "waarschijnlijk", "niet uitgesloten", "niet uit te sluiten"),
    condition=("indien", "mocht", "stel dat", "als we|jullie|er|de|het", "wanneer",
               "gerucht*"),
    certain=("zo snel mogelijk", "indien mogelijk"),
    otherwise=("anders", "of we|wij", "zoniet", "ofwel"),
    unless=("tenzij",),
    over=("destijds", "jaar geleden", "jaren geleden", "toentertijd", "zouden we .. hebben"),
    joins=("en", "maar", "dus", "want", "omdat", "hoewel", "terwijl", "daarom"),
    others=("onze|een|de|jullie|hun leverancier|leveranciers|concurrent|concurrenten|buurman",),
    others_in_mail=("onze (grootste) klant|klanten", "bij jullie", "jullie bedrijf"),
)  # fmt: skip
PORTUGUESE = Grammar(
    negators=("nao", "nunca", "sem", "nenhum", "nenhuma", "tampouco", "jamais", "ninguem"),
    empty=("nao so", "nao apenas", "sem duvida", "nao ha alternativa"),
    denied_after=("nao esta* previst*", "nao estao previst*", "descartad*", "fora de questao",
                  "nao afeta*"),
    doubt=("talvez", "poderia", "poderiam", "podera", "possivel", "possivelmente",
           "provavelmente", "rumor*", "boato*", "ainda nao", "nao se descarta*"),
    condition=("caso", "em caso de", "se nos", "se a|o|houver", "rumor*", "boato*"),
    certain=("assim que possivel", "o mais rapido possivel", "se possivel"),
    otherwise=("caso contrario", "senao", "ou nos", "de outro modo"),
    unless=("a menos que", "a nao ser que", "salvo se"),
    over=("na altura", "ha .. anos", "naquela epoca"),
    joins=("e", "mas", "porque", "embora", "enquanto", "porem", "por isso"),
    others=("nosso|nossa|nossos|um|uma|o|seu|seus|vosso fornecedor|fornecedores|concorrente|"
            "concorrentes|rival",),
    others_in_mail=("nosso|nossa|nossos (maior|principal) cliente|clientes", "sua|vossa empresa"),
)  # fmt: skip

GRAMMARS = {
    "en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH, "nl": DUTCH, "pt": PORTUGUESE,
}  # fmt: skip
