"""The words and forms by which a line without frames states an error, sums one up, or only informs."""

from typing import Final

FORMS: Final = (
    r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\S* (?:\S+\.go:\d+: )?[^:]+: [^:]+: ",  # Go's log.Fatal: a chain of causes
    r"(?:^|: |:\d\d[\d.,]*Z? )(?:[A-Z][a-z0-9]+){2,}(?:\.[A-Z]\w+)?: ",  # a type without its package
    r"(?i:(?:^|[\s\])>*|✖✗✘×❌⨯])(?:fatal[ _]error|[\w.-]+ error|errors?|fatal|exception(?: handler)?|panic|critical|"
    r"abort(?:ed)?|failed|"
    r"failures?|failing|err!|fehler|erreur|errore|erro|fout|fel|fejl|feil|błąd|ошибка)"
    r"(?: in \S+| at \S+| \([^)]*\)| ?\[[\w.-]+\]| on line \d+)? ?[:!])",
    r"(?i:^(?:##\[error\]|::error|e[:!] |e   |error[\[:]|err |failed? \S|not ok |--- fail: |\(error\) |"
    r"\[error\]|<error>|✖ |✗ |✘ |× |❌))",
    r"(?i:(?:^|[\s(\[:>=\"'])(?:[a-z_$][\w$]*(?:\.|::|\\))*[a-z_$][\w$]*(?:::|\\)?(?:error|exception|fault|"
    r"failure|refused|timeout)"
    r"(?: \[[\w.]+\])?(?:: |\(| \())",
    r"^(?:\w+\.)+(?:exceptions?|errors?|exc|errorfactory)\.[A-Z]\w+: ",  # a class of a module of errors
    r"(?i:\bora-\d{5}|\bsqlstate\b|\berrno\b|\be(?:conn|host|net|not|acc|perm|no|addr|pipe|time|ai_)[a-z]+\b|"
    r"\(os error \d+\))",
    r"(?i:^usage: |^error from server|^msg \d+, level \d+|^\w+(?:\[\d+\])?: \*\*\* |^try '.*--help|"
    r"^\s*[^\s:]+\.[a-z]\w*:\d+(?::\d+)?: |\.(?:lua|py|rb|pl|php|js|ts|go|rs|cc?|cpp|hs|ml|exs?|clj|jl|swift|kt|"
    r"java|scala|sh|sql|tf|ya?ml):\d+: |\(\d+,\d+\): error|^in \S+\.php line \d+:|^curl: \(\d+\))",
    r"(?i:\bfatal error\b|\ban error occurred\b|uncaught|unhandled|segmentation fault|core dumped|"
    r"^terminate called|what\(\): )",
    r"(?i:^[\w.+-]+(?:\[\d+\])?: (?:error|fatal|failed|cannot|can.t|unable|could not|invalid|unknown|no such)\b)",
    r"(?i: at \S+ line \d+[.,]?$)|^\S+: line \d+: |"
    r"^\S+: (?:Prelude\.|\S+\.l?hs:)|^(?:malloc|realloc|free|munmap_chunk)\(\): ",
    r"(?i:^fortran runtime error|^forrtl: |^execution error|^error in |\bfailure in \w|^\*\* \()",
)
DENIALS: Final = (
    r"not|never|(?:is|are|was|were|has|have) no|no (?:such|"
    r"healthy|leader|quorum|primary|data|valid|matching|response|space|route|access|"
    r"permission|longer|suitable|usable)|cannot|"
    r"can.?t|(?:could|does|do|did|is|was|are|has|have|wo|would)n.?t|unable|"
    r"fail(?:ed|s|ure|ing)?|denied|refused|reject(?:ed|s)|forbidden|unauthori[sz]ed|missing|invalid|unknown|"
    r"unrecogni[sz]ed",
    r"unsupported|unexpected|illegal|bad|corrupt(?:ed)?|mismatch(?:ed)?|conflict|time[ds]? ?out|expired|"
    r"exceed(?:ed|s|ing)?|exhausted|insufficient|unreachable|unavailable|abort(?:ed|ing)?|expires?|killed|crash(?:ed)?|"
    r"broken|lost",
    r"duplicate|wrong|incorrect|undefined|malformed|errors?|exception|too (?:many|few|large|long|small|short|"
    r"old|much)|"
    r"misbehav\w+|deadlock\w*|un(?:terminated|matched|balanced|resolved|declared|readable)|differs?|disagrees?|outdated|"
    r"stale|ambiguous|overflow|violat\w+|expected\b[^\n]*\b(?:got|received|but)|lacks",
    r"nicht|kein\w*|fehl\w*|abgebrochen|gescheitert|ungültig\w*|interrompue?|introuvable|manquante?|fall(?:ito|ita|ó)|"
    r"impossibile|niet|mislukt|saknas|misslyckades|nie|brak|не|нет|impossible|échou\w*|n'existe|refusée?|fall[oó]|não|erro|ошибка",
)
HINTS: Final = (
    "no|none|nothing|timeout|terminated|closed|reset|required|must|out[ -]of|already|locked|over|only|behind|pending|"
    "limit|please|log ?in|usage|used|older|newer|ahead|unapplied|undeployed|outstanding|upgrade\\w*|migra\\w+|first|"
    "needs?|expected|got|has|being|still|busy|throttled|rate_limited|later|shortly|different|state|uninitiali[sz]ed|"
    "starting|initializing|resyncing|at capacity|heads|muss|pendientes?|jour|full|exists|another|too_\\w+|again|"
    "leader|quorum|heartbeat|ago|empty|unset|blank|http(?:/[\\d.]+)? [45]\\d\\d|status(?: code)?:? [45]\\d\\d|"
    "currently|in progress|reached|up|allotted|maintenance|draining|max_\\w+|drift|\\w+_limit\\w*|quota\\w*"
)
INFORMATION: Final = (
    r"\b(?:0|no|zero|without|any) (?:errors?|failures?|failed|warnings?|timeouts?|problems?|issues?)\b",
    r"\b(?:0|no|zero|without) (?:\w+ )?(?:migrations?|changes?|change ?sets?|updates?|pending|other)\b",
    r"(?:errors?|failed|failures|failing|unreachable|timeouts?|skipped|warnings?|retries)[ :=]+0\b",
    r"\bnot (?:set|found|configured|present|given|provided)[,;:]? ?\(?(?:so )?(?:not|us(?:ing|es)|skip\w*|"
    r"default\w*|disabl\w*|"
    r"optional|ignor\w*|assum\w*|falling)",
    r"\bnot (?:set|found|configured|present|cached|given|provided), \w+ing\b|\bok\W*$|may have more information|"
    r"deprecat|\busing (?:the )?default|\bdefault(?:s|ing) to\b|\b(?:report|"
    r"log|trac|"
    r"cach|track|"
    r"upload)ing disabled\b|\bopt[- ]out\b|\bis set\b",
    r"\b(?:errors?|events|detected|quarantine|missing|invalid|denied|rejected|refused)\b[^:=]*[:=] *0\b|"
    r"\b0 (?:invalid|missing|rejected|denied|refused)|do(?:es)? not exist, (?:so )?\w+ing|already exists, skipping|"
    r"^\S+:\d+: \w*Warning: |^(?:\S*/)?(?:bash|sh|dash|zsh|perl|python\S*): (?:line \d+: )?warning: ",
    r"\bnothing to (?:do|clean|delete|remove|commit)|^press ctrl|^clean-?up: |^waiting up to\b|^[\w.-]+: info: |"
    r"^(?:real|user|sys)\s+\d+m",
    r"\b(?:elapsed|took|duration|finished in|done in)\b[ :=]*\d|\btime-?out (?:is |was )?(?:set to|of|=|:) ?\d|"
    r"\bnot (?:required|needed|necessary)\b",
    r"^npm (?:notice|warn|info)\b|^\[notice\]|\bnew (?:\w+ )?(?:version|release)\b[^:]* available|\bupdate available\b|"
    r"\bskipped \(no \w+\)$|^\W*(?:note|hint|tip): ",
    r"^\W*(?:checking|building|validating|fetching|installing|removing|cleaning|deleting|temporarily|post job|"
    r"creating|using|setting|loading|starting|stopping|"
    r"(?:up|down)loading|applying|running|executing|connecting|opening|resolving)\b[^:]*$",
)
NOT_ONLY_INFORMATION: Final = (
    r"giv(?:e|es|ing) up|gave up|timed out|refus(?:e|es|ed|ing) to|does not match|unapplied|"
    r"(?:are|is|has|have) (?:\d+ )?pending|(?:exceeded|reached|hit) (?:its|the|your)|"
    r"rate is (?:too )?(?:large|high)|too many requests|throttl\w+"
)
"""Words that no default, option or wait explains, even in a line that names one."""
SUMMARIES: Final = (
    r"\bfail(?:s|ed|ing)?[:,]? \(?(?:(?:with|exit|return|error|code|status)\b[^\n:]*[:=]? ?\W{0,2}-?\d+\b|-?\d+\W*$)",
    r"(?:exit|return|finish|end|complet|terminat|stopp|quit)(?:s|ed|ing)?:? (?:normally |abnormally )?"
    r"\(?(?:with |the )*(?:a )?(?:non-?zero )?"
    r"(?:exit |return |error )?(?:code|status|value)?[:=]? ?\W{0,2}-?\d+\b",
    r"(?:abgebrochen|fehlgeschlagen|gescheitert|beendet|arrêté|interrompu|terminé|échoué|abortado|cancelado|terminado|"
    r"interrotto|terminato|fallito|afgebroken|mislukt|przerwan\w*|прерван\w*|заверш[её]н\w*)"
    r"[^:]*\(?(?:code|kode|código|codice|kod|код|status)[ :=]+-?\d+\)?\W*$",
    r"exit (?:status|code)|non-?zero (?:exit|code|return)|returned (?:a )?non-?zero|^the command .* (?:failed|"
    r"exited|returned)",
    r"^(?:\S+: line \d+: +\d* )?(?:aborted|segmentation fault) *\(core dumped\)$|^usage of \S+:?$",
    r"^!!! error (?:reading|writing)\b[^:]*!!!$",
    r"subcommand failed|command failed|^execution halted|^compilation terminated|^error termination|^with errorcode|"
    r"^mpi_abort was",
    r"^error: failed to (?:push|fetch) some |"
    r"\belifecycle\b|^npm err(?:!|or)\s*(?:$|/| (?:a complete log|code \d|errno|path|command|"
    r"lifecycle|exit status|failed at|this is|there is|in workspace|at location|signal|syscall|"
    r"\S+@\S+ \w+: |if you|fix the|run |for a|or |and |to ))|"
    r"^this is probably not a problem with npm|complete log of this run|"
    r"^error command failed",
    r"^make(?:\[\d+\])?: (?:\*\*\* \[|leaving|entering)|^\*\*\* \[|^(?:error: )?could not compile|"
    r"^(?:failure: )?build failed|build failure\b",
    r"failed to execute goal|^\[error\] (?:\[help|to see the full|re-run maven|"
    r"for more information|-> |$)",
    r"^\* (?:try|what went wrong):|^execution failed for task|^> (?:a failure occurred|compilation error)|"
    r"actionable task|get more help|run with --",
    r"^(?:##\[error\]|::error::|error: )(?:bash exited|process completed|the process)|^(?:error: )?job failed|"
    r"^(?:error: |warning: )?no (?:matching )?files\b",
    r"^\W*\d+(?:/\d+| of \d+)? \w* ?(?:failed|failing|errors?)\b|^(?:tests?|test suites|specs?|examples|"
    r"checks?):? .*\d+ (?:failed|failures?)",
    r"^fail(?:ed|ure|ures|s)?[.!]?(?:\s+\S+\s+[\d.]+s)?$|^test result: failed|^play recap|"
    r"unreachable=\d+ +failed=|^for more information",
    r"did not complete successfully|failed to solve|^\W*\d+ problems?\b|^tests: \d+, assertions|"
    r"running ctest|\btoo many (?:\w+ ){0,2}(?:failures|errors|exceptions|retries)\b[^:]*$"
    r"|\bmax\w* [^:]*\b(?:failures|errors|exceptions|retries)\b (?:was |were )?(?:reached|exceeded)\b[^:]*$",
    r"^found \d+ (?:errors?|problems?|issues?)\b|configuring incomplete|error is not recoverable|exiting now$",
    r"\b(?:status|result|state|outcome)[=:] ?\W?(?:failed|failure|error|fatal|killed|aborted)\b|all (?:retries|"
    r"attempts)|see \S*(?: \S*)?(?:\.log|logs?\b|above|output|below)|\bwith errors\b",
    r"(?:failed to|failed|could not|cannot|unable to) (?:send|post|publish|upload|push|report)(?:ing)? (?:the )?"
    r"(?:\w+ )?(?:metrics?|notifications?|alerts?|reports?|logs?|artifacts?|coverage|status)",
)

CONSEQUENCES: Final = (
    r"\b(?:failed|unable|could ?n[o']t|cannot|can't) (?:to )?(?:be )?(?:complet|finish|run|execut|process|"
    r"perform|continu|proceed|upload|download|sync|fetch|load|export|import|send|publish|start|back ?up|restor|"
    r"transfer|copy|copi|deploy|build|launch|initiali[sz])\w*\b[^:]*$",
    r"\b(?:worker|step|run|check|sync|upload|download|export|import|loader|pipeline|backup|batch|stage|task|flow|"
    r"extraction|load|model|job)"
    r" (?:has |was |is )?(?:failed|aborted|could not be completed|unsuccessful)\b[^:]*$",
    r"\bcontext cancell?ed\W*$",
    r"\bfailed to retrieve (?:the )?\w+$",
    r"\b(?:unable|failed) to open (?:the )?repository(?: at \S+)?$",
    r"\b(?:completed|finished|ended)\b[^:]*\bsuccess[=:] ?\W?false\b",
)

TESTS: Final = r"^\s*(?:not ok \d+ - \S|--- FAIL: \S|FAILED \S+(?:::| - )|● .+ › |[✖✗] [^\d\s])"
"""Names of tests that failed, as their runners print them: specific, however short."""

VAGUE_WORDS: Final = """
a an and any app application are as at batch been by check code command complete completed could
cron details did do done due during ended error errors exception execution exit exited exiting fail
failed failing failure fatal finish finished for from had happened has have in information internal
is it its job jobs log logger logs main message more not now occurred of on oops or output please
problem process processing root run runner running script see sorry status step stopped stopping
successfully task tasks terminated the there this to traceback trouble unexpected unhandled unknown
unsuccessful was went while with worker wrong above abort aborted aborting critical giving up
rolled rolling back rollback gave all retries retry attempts attempt exhausted exhausting after times
try tries give again not ok phase stage part something contact support reference administrator admin
help team request that work requested id incident ticket
died dead dies scheduler consumer child unexpectedly
"""
