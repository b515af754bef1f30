"""First names that are one name: spellings, short forms, and pet names that are often given on their own.

A line: gender (m, f), the spellings of the name, its short forms, and its loose forms, which only ask. A form may stand
on several lines: then it may be short for any of them.
"""

TABLE = """
m aaron aron | ron | ronnie
m abraham abram | abe bram | avi
m adam adan || addy
m adrian adriano adrien hadrian || ade
m alan allan allen alain || al
m albert alberto albrecht | al bert bertie | albie
m alejandro | ale alex | jandro
m alessandro alexandro | ale sandro alex |
m alexander aleksander aleksandr alexandre alexandros | alex alec sasha xander zander | alexis lex sandy
m alfred alfredo | alf alfie fred | al freddy
m andrew | andy drew | andres andreas andre
m andreas | andi | andy andre andrew
m anthony antony anton antoine antonio | tony ton toni | ant anthon
m archibald | archie | baldo
m arnold arnaud arnaldo | arnie arno | nol
m arthur artur arturo | art | artie
m august auguste augusto augustus | gus | augie
m augustin augustine agustin | gus | august
m barnaby barnabas | barney | barn
m bartholomew bartolomeo bartholomaeus | bart | barty
m benedict benedikt benedetto | ben | benny
m benjamin beniamin | ben benji benjy | benny
m bernard bernhard bernardo | bernie bern | barney ben
m bradley | brad |
m brandon brendon | bran | brand
m calvin | cal |
m cameron | cam |
m charles karl carl carlos carlo | charlie chuck chas | charley carlito
m christian kristian cristian | chris kris | christer
m christopher kristopher christoph christophe cristobal cristoforo | chris kris topher | kit christof
m clifford | cliff |
m clinton | clint |
m constantine konstantin constantin | kostas | costa
m cornelius | neil | con nelius
m curtis | curt |
m daniel | dan | danny dani
m darren darrin daren ||
m david davide | dave | davy davey
m dennis denis | den | denny
m derek derrick dirk || rick
m dietrich | dieter |
m dominic dominik dominick domenico | dom nick | domingo nico dominique
m donald donal | don | donnie donny
m douglas | doug | dougie
m edgar edgardo | ed | eddie
m edmund edmond edmundo | ed ned | eddie ted
m eduard edward eduardo edoardo edouard | ed ned ted | eddie eddy teddy
m edwin | ed win | eddie
m eli elias elijah || lee
m emanuel emmanuel manuel | manny manu | manolo
m enrique | kike quique | rick
m eric erik erich || rick ricky
m ernest ernst ernesto | ernie | erno
m eugene eugenio eugen | gene |
m ezekiel | zeke |
m federico frederico | fede | fred
m ferdinand fernando | ferdi nando | fern
m francesco || franco cesco frank
m francis | frank fran | frankie
m francisco francois franciscus | paco pancho | frank fran
m franz frans || frank francis
m franklin | frank | frankie
m frederick frederic friedrich fredrik fredric frederik | fred | freddy freddie fritz rick
m gabriel | gabe | gabi gaby
m geoffrey | geoff jeff |
m jeffrey | jeff geoff |
m george georg jorge giorgio georges || georgie jorg jurgen
m gerald geraldo | gerry jerry |
m gerard gerardo gerhard | gerry | gerd
m gilbert gilberto | gil bert |
m giovanni | gianni gio | vanni john
m giuseppe | beppe peppe | pino
m gregory gregor gregorio grigory | greg | gregg
m guillermo | memo guille | will
m harold harald | hal | harry
m henry henri henrik hendrik heinrich | hank heinz | harry hal rick
m herbert heribert | herb bert | herbie
m herman hermann || manny
m horace horatio ||
m hubert huberto | hub bert | hugh
m hugo hugh ugo || hughie
m ignatius ignacio ignaz | nacho iggy |
m isaac isaak | ike zac | izzy
m isidore isidro | izzy | sid
m ivan || vanya
m jacob jakob jacobo jakub | jake | cob jack
m james | jim jas | jimmy jamie jem jack
m jason || jay
m javier xavier | javi xavi |
m jeremiah jeremias | jerry | jem
m jeremy jeremie | jem | jerry
m jerome hieronymus geronimo | jerry | rome
m jesus | chuy |
m joachim joaquin joakim | jochen achim quino | jo
m johannes | hans hannes | jan john joop
m john jon || johnny jack jan sean ian juan jean ivan hans giovanni johan johann
m johan johann || john jan hans johannes
m jonathan jonathon johnathan | jon nathan | jonny jonty
m jose | pepe | chepe
m joseph josef josephus yosef | joe | joey jo sepp
m joshua josua | josh |
m julian julien juliano || jules
m julius julio giulio || jules
m kenneth | ken | kenny
m kevin | kev |
m laurence lawrence lorenz lorenzo laurent | larry | laurie lars enzo
m leonard leonardo leonhard lennard | leo len | lenny
m leopold leopoldo | leo poldi |
m lewis louis luis ludwig luigi ludovic | lou | louie gigi
m lucas lukas || luke luca
m luca lucca || luke
m magnus || mans
m malcolm | mal |
m marcel marcello marcelo ||
m marcus markus || marc mark marco marcos
m marc mark || marco
m marco marcos ||
m mario ||
m martin martino maarten || marty
m matthew mathew matthieu mathieu | matt mat | matty
m matthias mathias | matt mat | matty matthew
m mateo matteo mateusz | matt mat |
m maurice mauricio maurizio moritz morris | mo |
m maximilian maximiliano maximilien massimiliano | max |
m maxwell | max |
m melvin | mel |
m michael mikael michel miguel mikhail michal mikkel | mike mick | mikey mickey micky mitch misha
m mitchell | mitch |
m mohammed muhammad mohamed mohammad muhammed mehmet | mo |
m nathan | nat nate |
m nathaniel nathanael | nat nate nathan |
m nicholas nicolas nikolaus nikolas nicolaus | nick nic nico niko klaus | nicky
m norman normand | norm |
m oliver olivier oliviero | ollie olly |
m oscar oskar || ossie
m oswald osvaldo | oz ossie |
m pascal pasquale | pat |
m patrick patricio patrik patrizio padraig | pat paddy rick |
m paul pablo paolo paulo pavel pawel ||
m percival | percy |
m peter petr pieter petrus pedro pietro pierre piotr petros | pete | piet
m philip phillip philipp philippe filip felipe filippo | phil pip |
m quentin quintin ||
m rafael raphael raffaele rafal | rafa raf rafi | ralph
m ralph ralf rolf ||
m randolph | randy |
m randall | randy |
m raymond raimund raimundo | ray |
m ramon || ray monchi
m reginald | reg reggie | rex
m rene ||
m reuben ruben | rube ben |
m richard ricardo riccardo rikard | rick dick rich | ricky richie rik dickie
m robert roberto | bob bert rob | bobby robbie robin
m rupert ruprecht || rob
m roderick | rod rick | roddy
m rodrigo | rod |
m rodney | rod | roddy
m roger rodger | rog | rogelio
m roland rolando orlando | rollo | roly
m ronald ronaldo | ron | ronnie ronny
m rudolf rudolph rodolfo | rudi rudy | dolf
m russell | russ | rusty
m salvador salvatore | sal | chava
m samuel | sam | sammy
m santiago | santi | diego
m sebastian sebastien sebastiano | seb bastian basti |
m sergio serge sergei sergey ||
m sidney sydney | sid syd |
m sigmund siegmund | sig siggi |
m simon simeon || si
m solomon salomon | sol |
m stanley stanislaus stanislav stanislaw | stan |
m stephen steven stephan stefan stefano stephane | steve | stevie steph ste
m esteban || steve stephen
m etienne || stephen steve
m stuart stewart | stu |
m terence terrence terrance | terry |
m theodore theodor teodoro | theo ted | teddy
m theobald | theo | tibald
m thomas tomas tomasz tomaz tommaso tomaso | tom thom | tommy maso
m timothy timotheus timoteo timothee | tim | timmy
m tobias tobiah | tobi toby |
m valentine valentin valentino | val |
m victor viktor vittorio | vic vik | vito
m vincent vicente vincenzo vinzenz | vince vin | vinny enzo
m vladimir wladimir | vlad | vova
m walter gualtiero | walt wat | wally
m wesley | wes |
m wilfred wilfried wilfredo | wilf | fred will
m wilhelm | willi | william bill
m william willem | will bill wim | billy willie willy liam guglielmo
m zachary zacharias zachariah zackary | zach zac zak zack |
f abigail | abby gail abbie |
f adelaide adelheid | heidi addie | ada
f adriana adrianna || adri adrienne
f agnes agnese ines || nessie
f alexandra aleksandra alessandra alejandra | alex sasha sandra lexi | alexa alexis sandy ale
f alexis | alex lexi |
f alice || ali ally alicia alix
f alicia || ali ally
f allison alison | ali ally | allie
f amanda | mandy | amy
f amelia amelie emelia | millie mia | amy emilia
f anastasia anastacia | stacy ana stasia | nastya tasia
f andrea | andi | andy drea
f angela || angie ange gela angelina angelica
f angelica angelika || angie angela gela
f angelina || angie angela lina
f ann anne anna ana || annie nan nancy anita anya
f hannah hanna || anna
f annabelle annabel | belle | bella anna
f antonia antonina antonella | toni | tony nina
f barbara barbra | barb babs | barbie bobbie
f beatrice beatrix beatriz | bea trixie | bee
f belinda | bel | linda lindy
f bernadette | bernie | detta
f bridget brigitte birgit brigida | biddy | gitte
f caroline carolin karoline | caro | carrie carol carolina carolyn
f carolina karolina | caro | carol lina
f carolyn || carol carrie
f catherine katherine kathryn katharine katharina kathrin cathryn | kate cathy kathy cath kath | katie kat kit kitty
f celeste celestine ||
f cecilia cecily cecile || cissy celia
f charlotte carlotta charlott | lottie lotte | charlie char
f christina kristina cristina | chris chrissy tina kris christie kristi | christine kirsty
f christine kristine | chris chrissy kris christie kristi | tina kirsty
f kirsten kristen kerstin || kirsty kris
f clara klara || claire clare chiara
f claire clare ||
f claudia || claudine claude
f constance constanze constanza | connie | stanzi
f cordelia | delia | cory
f cynthia | cindy | cyn
f daniela daniella danielle | dani | danni ella
f deborah debora debra | deb debbie | debby
f diana || di diane
f diane dianne || di
f dolores | lola | loli
f dominique || nikki
f dorothy dorothea dorotea dorothee | dot dottie thea | dolly dora dory
f eleanor elinor eleonora eleonore | ellie nell | nora lena ella elle
f elizabeth elisabeth elisabetta elspeth | liz beth lizzie eliza elise elsie libby betty betsy | lisa bess ella
f emily emilie | em | emmy millie emilia
f emilia | em | emmy mia millie
f emma ||
f esther ester hester || essie hetty
f eva eve || evie
f evelyn eveline | ev | eve evie
f florence florentina | flo | flossie
f frances | fran | francie frankie fanny francesca
f francesca franziska francisca francoise | fran franzi | frankie fanny paca
f frederica frederike friederike | freddie rike | frieda
f gabriela gabriella gabrielle | gabi gaby | bella ella gabe
f genevieve genoveva || gen jenny viv eve
f georgina georgiana || georgie gina georgia georgette
f georgia || georgie gina
f geraldine | gerry | geri
f gertrude gertrud | trudy gert | gerta
f gloria ||
f gretchen || greta
f guadalupe | lupe | lupita
f gwendolyn gwendoline | gwen | wendy
f harriet henriette henrietta enriqueta | hattie etta | harry hettie
f heather ||
f helen helena helene || nell lena ellie nelly elena ellen elaine
f elena || ellen helena lena
f hildegard hilda | hilde |
f hilary hillary | hil |
f ingrid || inge
f irene irina irena || rena
f isabel isobel ysabel isabelle isabella | izzy bella isa belle | ella lisa
f jacqueline jaqueline jacquelyn | jackie jacqui |
f jane jayne || janie jana jenny jan jeanne
f janet jannet || jan
f jean || jeannie jeanne
f joan || joanie
f janice janis | jan |
f jasmine yasmin yasmine | jas jazz |
f jennifer gennifer | jen jenny | jenn jenna
f jessica | jess | jessie
f joanna joanne | jo | joan anna joe johanna
f johanna | jo hanna | joan joanna anna
f josephine josefine josefina | jo josie | fina posy
f joyce ||
f judith judit | judy | jude
f julia giulia || jules jill julie
f juliana giuliana || julia
f juliet juliette giulietta || julie jules julia
f karen karin caren ||
f kimberly kimberley kimberlee | kim | kimmy
f laura || lauren laurie lora lori
f lauren || laurie laura
f leonora leonor || nora leo
f lillian lilian | lil | lily lilly liliana
f linda || lindy
f lorraine || lori
f louise luise louisa luisa | lou | lulu
f lucy lucie || lu lucinda lucia
f lucia luzia || lucy
f lucinda | cindy | lucy
f lydia lidia ||
f mabel ||
f madeleine madeline madelyn magdalena magdalene | maddy lena magda | maggie
f marcia marsha ||
f margaret margarete margarethe margareta | meg maggie marge grete | peggy peg daisy rita margot greta
f margarita margherita marguerite | rita | margo margot greta daisy
f maria marie || mary mia mimi mitzi mariah marion ria
f mary || molly polly may maria marie
f marianne mariana marianna || maria anne mary
f marilyn || mary lyn
f marjorie margery | marge margie |
f martha marta || marty mattie
f martina martine || tina
f matilda mathilda mathilde | tilly mattie | tilda
f megan meghan | meg |
f melanie melania | mel | lanie
f melissa | mel missy | lissa
f mercedes || merche
f michelle michele micaela michaela || shelly mica mickey micky
f mildred | millie | milly
f millicent | millie milly |
f miranda | mandy randi |
f miriam mirjam | mimi | miri
f monica monika monique || mona
f nancy || nan
f natalie nathalie natalia natalya | nat | tasha talia
f natasha | tasha | nat
f nicole nicola nicolette | nikki nicky nic | colette
f octavia || tavi
f olivia | liv | ollie livvy
f pamela | pam | pammy
f patricia patrizia patrice | pat tricia trish patsy | patti patty
f paula paola || pauline paulette paulina
f pauline paulina || paula paulette
f penelope | penny | nell
f philippa filippa | pippa | pip
f phyllis ||
f priscilla | cilla | prissy
f prudence | prue |
f rachel raquel rachael rachele | rach | rae shelly
f raphaela rafaela raffaella | rafa | ella
f rebecca rebekah rebeca | becky becca beck |
f regina || gina reggie
f roberta || bobbie robbie
f rosalind rosalinda | roz ros | rosie linda
f rosamund rosamond | roz ros |
f rose || rosie rosa
f rosa || rosie rosita
f rosemary rosemarie rosamaria || rosie rose romy mary
f roxanne roxana roxane | roxy |
f ruth ||
f samantha | sam | sammy
f sandra sondra || sandy
f sarah sara || sally sadie zara
f sharon sharron | shaz | shari
f shirley | shirl |
f sibyl sybil sybille ||
f simone simona ||
f sofia sophia || sophy soph sophie sofie
f sophie sofie || soph sophy
f stephanie stefanie stefania estefania | steph stef steffi | stevie
f susan suzan | sue suzy susie | susanne susanna
f susanne suzanne | sue suzy susie | susan susanna sanne
f susanna susannah susana | sue suzy susie | sukie sanne
f sylvia silvia || syl sylvie silvie
f tamara tamar | tammy | mara
f teresa theresa therese | terry tess terri resi | tessa tracy
f tiffany | tiff |
f ursula | uschi | uschl ulla
f valerie valeria | val |
f vanessa | nessa | ness
f veronica veronika veronique | ronnie vroni roni | vera nica
f victoria viktoria vittoria | vicky vicki vikki tori vic |
f virginia virginie | ginny ginger | gina
f vivian vivien vivienne | viv | viviana
f wilhelmina wilhelmine | mina minnie | billie helma willa
f winifred | win winnie | fred freda
f yolanda iolanda | yoli |
f yvonne ivonne || eve
f zoe zoey ||
"""

# Short forms that are at least as often given on their own: a mother and her daughter may have the two.
OFTEN_OWN = frozenset(
    "bella elise eliza ella elsie enzo franco gail gina heidi isa klaus lena lola magda mia millie nico nina rita "
    "sandra sandro sasha tasha thea tina trixie".split()
)

# Pairs of endings that tell a man's name from a woman's behind one stem: Daniel and Daniela, Mario and Maria.
ENDINGS = (
    " :a e ia na ne ine ina ette etta elle le la lle lla ie iska ia ta da ra|o:a ia ina|us:a e ia ina|as:a|e:a ee|er:ra"
    "|os:a|is:es ise|s:e se|k:cia ka|ck:cia|an:ina ana|ian:ina iane|es:otte ene|i:ia|io:ia|y:ie ia|f:fine fina|ph:phine"
)
