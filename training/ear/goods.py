"""Lists of what is sold, served and said, by language where it differs."""

from __future__ import annotations

NAMES = "Northgate|Bluebird|Sunrise|Golden Key|Harbour|Evergreen|Silverline|Red Fox|Old Mill|Crescent|Lakeside|Summit|Lighthouse|Amber|Cedar|Falcon|Meridian|Pioneer|Royal|Urban|Vista|Willow|Atlas|Beacon|Corner|Eagle|Maple|Orchid|Pearl|Star|Three Rivers|Tiger|Union|Windmill|Zenith|Kestrel|Juniper|Copperfield|Dragon|Seaview"  # fmt: skip
TRADES = "Trading|Supplies|Hardware|Foods|Market|Stores|Logistics|Systems|Design|Bakery|Books|Motors|Electronics|Services|Stationery|Textiles|Garden Centre|Pharmacy|Consulting|Print|Media|Construction|Plumbing|Energy|Sports|Pet Shop|Optics"  # fmt: skip

# thing=price in euros, by language
_GROCERIES = {
    "en": "Whole milk 1L=1.2|Butter 250g=2.4|Eggs x12=3.1|Sourdough loaf=3.5|Bananas=1.3|Apples Gala=2.2|Tomatoes=2.6|Cheddar=4.2|Rice 2kg=5.2|Basmati rice=4.8|Olive oil=8.5|Ground coffee=6.4|Green tea=3.2|Orange juice=2.7|Sugar 1kg=1.4|Salt=0.8|Flour=1.1|Pasta=1.2|Chicken breast=6.9|Minced beef=5.4|Salmon fillet=8.9|Yoghurt=0.9|Ice cream=4.5|Dark chocolate=2.3|Biscuits=1.7|Crisps=1.5|Potatoes 2.5kg=2.9|Onions=1.1|Carrots=0.9|Garlic=0.6|Lemons=1.2|Mineral water=0.7|Cola 1.5L=1.9|Beer 6-pack=7.2|Red wine=7.8|Toothpaste=2.5|Shampoo=3.9|Soap bar=1.1|Toilet paper=4.4|Dish soap=1.8|Light bulb=3.3|AA batteries=4.9|Cat food=0.8|Honey=4.6|Strawberry jam=2.9|Peanut butter=3.4|Cereal=3.1|Frozen peas=1.9|Pizza margherita=3.8|Bread rolls=1.6|Paper bag=0.2|Milo 400g=4.1|Instant noodles=0.6|Soy sauce=2.1|Chilli powder=1.3|Atta 5kg=4.7|Toor dal=2.2|Mango pulp=2.7",
    "de": "Vollmilch 1L=1.2|Butter=2.3|Bio-Eier 10er=3.2|Roggenbrot=3.1|Bananen=1.5|Äpfel=2.4|Tomaten=2.9|Gouda jung=2.8|Reis=1.9|Kaffee gemahlen=6.5|Apfelsaft=1.8|Zucker=1.1|Mehl Type 405=0.9|Nudeln=1.3|Hähnchenbrust=7.4|Joghurt=0.7|Schokolade=1.4|Kartoffeln=2.6|Zwiebeln=1.2|Mineralwasser=0.7|Weißwein=5.9|Zahnpasta=1.5|Spülmittel=1.7|Brötchen=0.4|Pfand=0.25|Tragetasche=0.2",
    "fr": "Lait demi-écrémé=1.1|Beurre doux=2.5|Œufs x6=2.2|Baguette=1.1|Bananes=1.8|Pommes=2.6|Tomates=3.1|Camembert=2.9|Riz=2.1|Café moulu=4.9|Jus d'orange=2.4|Sucre=1.5|Farine=1.2|Pâtes=1.3|Poulet fermier=9.8|Yaourt nature=1.9|Chocolat noir=2.2|Pommes de terre=2.7|Eau minérale=0.8|Vin rouge=6.5|Dentifrice=2.6|Croissant=1.2|Jambon=3.4",
    "es": "Leche entera=1.0|Mantequilla=2.4|Huevos docena=2.9|Pan de molde=1.6|Plátanos=1.9|Manzanas=2.2|Tomates=2.1|Queso manchego=5.6|Arroz=1.4|Café molido=3.9|Zumo de naranja=2.0|Azúcar=1.3|Harina=0.9|Aceite de oliva=8.9|Pechuga de pollo=6.2|Yogur natural=1.7|Chocolate=1.8|Patatas=2.5|Agua mineral=0.6|Vino tinto=4.9|Jabón=1.5|Jamón serrano=4.2",
    "it": "Latte intero=1.4|Burro=2.6|Uova x6=2.3|Pane casereccio=2.8|Banane=1.7|Mele=2.3|Pomodori=2.8|Parmigiano=6.9|Riso=2.4|Caffè=4.2|Succo d'arancia=2.1|Zucchero=1.4|Farina 00=1.0|Spaghetti=1.1|Pollo=6.8|Yogurt=0.9|Cioccolato=2.0|Patate=2.2|Acqua naturale=0.4|Vino bianco=5.4|Sapone=1.6|Mozzarella=1.9",
    "pt": "Leite meio-gordo=0.9|Manteiga=2.3|Ovos dúzia=2.6|Pão de forma=1.7|Bananas=1.4|Maçãs=1.9|Tomate=2.0|Queijo flamengo=4.1|Arroz=1.5|Café=3.6|Sumo de laranja=1.8|Açúcar=1.2|Farinha=0.9|Azeite=7.5|Frango=5.9|Iogurte=0.6|Batatas=2.1|Água=0.4|Vinho tinto=4.2|Bacalhau=9.9",
    "nl": "Halfvolle melk=1.2|Roomboter=2.5|Eieren 10 st=2.8|Volkoren brood=2.4|Bananen=1.7|Appels=2.2|Tomaten=2.3|Kaas jong=4.9|Rijst=1.8|Koffie=5.2|Sinaasappelsap=2.1|Suiker=1.2|Bloem=0.9|Pasta=1.1|Kipfilet=6.9|Yoghurt=1.1|Chocolade=1.9|Aardappelen=2.9|Bronwater=0.6|Hagelslag=2.1|Stroopwafels=1.6",
}  # fmt: skip
_DISHES = {
    "en": "Tomato soup=6|Caesar salad=9|Garlic bread=4.5|Fish and chips=14|Beef burger=13|Mushroom risotto=14.5|Grilled salmon=19|Ribeye steak=27|Margherita pizza=11|Lamb curry=15|Chicken tikka=13|Pad thai=13|Nasi lemak=6|Roti canai=2|Teh tarik=1.5|Masala dosa=5|Spring rolls=6|Ramen=13|Club sandwich=10|Veggie wrap=9|Cheesecake=6.5|Apple pie=6|Ice cream=5|Espresso=2.5|Flat white=3.6|Pot of tea=3|Lemonade=3.5|Sparkling water=3|House red=6|Lager pint=5.5|Mango lassi=4|Chips=4|Side salad=4.5|Chocolate brownie=6|Oysters=16|Vegetable lasagne=13|Crab cakes=12|Onion rings=5",
    "de": "Gulaschsuppe=6.5|Bratwurst=8|Wiener Schnitzel=18|Käsespätzle=12.5|Forelle=19|Gemischter Salat=6|Pommes=4.5|Apfelstrudel=6|Kaffee=3|Pils 0,4=4.2|Apfelschorle=3.6|Sauerbraten=17|Kartoffelsuppe=5.9|Espresso=2.6",
    "fr": "Soupe à l'oignon=8|Salade niçoise=12|Steak frites=18|Croque-monsieur=10|Moules marinières=16|Crème brûlée=7.5|Café=2.5|Verre de vin=5.5|Eau gazeuse=4|Plat du jour=14|Tarte Tatin=7|Menu enfant=9.5",
    "es": "Gazpacho=6|Tortilla=5|Patatas bravas=5.5|Paella=15|Calamares=11|Croquetas=8|Flan=4.5|Café solo=1.4|Caña=2.2|Agua=1.8|Menú del día=13.5|Sangría=9|Pulpo a la gallega=16",
    "it": "Bruschetta=6|Carbonara=12|Lasagne=12.5|Pizza Diavola=10|Tiramisù=6|Espresso=1.3|Acqua=2.5|Coperto=2|Insalata mista=5.5|Ossobuco=19|Vino della casa=8|Gelato=4.5",
    "pt": "Caldo verde=4|Bacalhau à Brás=13|Francesinha=11|Bitoque=10|Pastel de nata=1.5|Café=0.9|Água=1.5|Vinho verde=9|Arroz de pato=12|Salada mista=4.5",
    "nl": "Erwtensoep=7|Bitterballen=8|Saté=16|Uitsmijter=11|Patat=4|Appelgebak=4.5|Koffie=3|Pilsje=3.5|Tosti=6|Kibbeling=9|Munt thee=3.5",
}  # fmt: skip
_WARES = {
    "en": "Office chair=129|Desk lamp=34|Printer paper A4=22|Toner cartridge=64|USB cable=9|Monitor 27in=219|Wireless mouse=24|Whiteboard=79|Steel shelving=145|Paint white 5L=39|Wood screws=7|Cordless drill=119|Garden hose=29|Water filter=18|Safety gloves=12|Site survey=480|Web hosting=120|Logo design=650|Consulting day=720|Translation=190|Copper pipe=16|Radiator valve=28|LED panel=55|Extension lead=17|Packing tape=4|Cardboard box=2|Pallet=15|Annual service=260|Floor tiles=34|Cement 25kg=8|Router=89|Headset=69|Keyboard=45|Notebook A5=3|Ballpoint pens=6|Window cleaning=85|Catering tray=110|Photo shoot=420|Spare battery=38|Bicycle tyre=27|Brake pads=42|Oil change=75",
    "de": "Bürostuhl=139|Schreibtischlampe=35|Druckerpapier=23|Tonerkartusche=66|Montage=180|Wartung=240|Holzschrauben=8|Wandfarbe=39|Beratung=690|Anfahrt=45|Regal=120|Kabel=12",
    "fr": "Chaise de bureau=135|Lampe=36|Papier A4=22|Cartouche=62|Installation=190|Entretien=230|Peinture=41|Conseil=640|Déplacement=50|Étagère=115",
    "es": "Silla de oficina=125|Lámpara=33|Papel A4=21|Tóner=61|Instalación=175|Mantenimiento=210|Pintura=37|Asesoría=590|Estantería=98",
    "it": "Sedia ufficio=128|Lampada=34|Carta A4=22|Toner=63|Installazione=185|Manutenzione=225|Vernice=38|Consulenza=610|Scaffale=105",
    "pt": "Cadeira=119|Candeeiro=31|Papel A4=20|Toner=58|Instalação=165|Manutenção=205|Tinta=36|Consultoria=560|Estante=95",
    "nl": "Bureaustoel=132|Lamp=34|Printpapier=22|Toner=63|Montage=180|Onderhoud=215|Verf=38|Advies=640|Kast=150",
}  # fmt: skip
MEDICINES = "Ibuprofen 400 mg|Paracetamol 500 mg|Cetirizine 10 mg|Loratadine 10 mg|Omeprazole 20 mg|Amoxicillin 250 mg|Aspirin 100 mg|Metformin 850 mg|Vitamin D3 1000 IU|Salbutamol inhaler|Diclofenac gel|Folic acid 5 mg|Naproxen 250 mg|Ramipril 5 mg|Zinc 25 mg|Cough syrup|Eye drops|Plasters x20|Antiseptic cream|Throat lozenges"  # fmt: skip

SAID: dict[str, dict[str, str]] = {
    "thanks": {"en": "Thank you for your visit|THANK YOU, PLEASE COME AGAIN|Thank you!|Thanks for shopping with us|Have a nice day|GOODS SOLD ARE NOT RETURNABLE|Thank you for dining with us", "de": "Vielen Dank für Ihren Einkauf|Auf Wiedersehen|Danke für Ihren Besuch", "fr": "Merci de votre visite|À bientôt|Merci et bonne journée", "es": "Gracias por su visita|Gracias por su compra", "it": "Grazie e arrivederci|Grazie per la visita", "pt": "Obrigado pela visita|Volte sempre", "nl": "Bedankt voor uw bezoek|Tot ziens"},
    "advert": {"en": "Join our club and save up to 10%|Tell us how we did: win a voucher worth 100!|Follow us for daily offers|Free delivery over 50|2 for 1 on all soups this week|Collect points with every purchase|Next visit: 15% off desserts|Download our app|Ask about our gift cards", "de": "Punkte sammeln lohnt sich|10 % Rabatt beim nächsten Einkauf|Jetzt unsere App laden", "fr": "Téléchargez notre application|-10 % sur votre prochain achat", "es": "Descargue nuestra app|10 % de descuento en su próxima compra", "it": "Scarica la nostra app|Sconto 10% al prossimo acquisto", "pt": "Descarregue a nossa app|10% de desconto na próxima compra", "nl": "Spaar mee met onze app|10% korting bij uw volgende bezoek"},
    "legal": {"en": "Goods can be exchanged within 14 days with this receipt|Prices include all taxes|E. & O. E.|No refund without receipt|This is a computer generated document|Registered in the commercial register under no. 48213|All amounts in local currency|Customer copy|Subject to our terms and conditions", "de": "Es gelten unsere AGB|Umtausch innerhalb von 14 Tagen nur mit Beleg|Gerichtsstand ist der Sitz der Firma", "fr": "Échange possible sous 30 jours|Pas d'escompte pour paiement anticipé|Ticket à conserver", "es": "Cambios en 15 días con este ticket|Conserve este documento", "it": "Conservare il presente documento|Cambi entro 14 giorni", "pt": "Trocas no prazo de 15 dias|Guarde este documento", "nl": "Ruilen binnen 14 dagen met bon|Op al onze leveringen zijn onze voorwaarden van toepassing"},
    "cash": {"en": "CASH|Cash", "de": "Bar|BAR", "fr": "Espèces|ESPECES", "es": "Efectivo", "it": "Contanti", "pt": "Dinheiro|Numerário", "nl": "Contant"},
    "card": {"en": "VISA|MASTERCARD|Debit card|Credit card|Visa Debit|AMEX|Contactless|Maestro", "de": "EC-Karte|girocard|VISA|Kreditkarte", "fr": "Carte bancaire|CB|VISA", "es": "Tarjeta|VISA", "it": "Carta|Bancomat|POS", "pt": "Multibanco|Cartão", "nl": "PIN|Pinpas|VISA"},
    "transfer": {"en": "Bank transfer|Direct debit|Cheque|Card on file", "de": "Überweisung|Lastschrift", "fr": "Virement|Prélèvement", "es": "Transferencia", "it": "Bonifico", "pt": "Transferência", "nl": "Overschrijving|Automatische incasso"},
    "invoice": {"en": "INVOICE|Invoice|Tax Invoice|TAX INVOICE", "de": "Rechnung|RECHNUNG", "fr": "FACTURE|Facture", "es": "FACTURA|Factura", "it": "FATTURA|Fattura", "pt": "FATURA|Fatura", "nl": "FACTUUR|Factuur"},
    "credit": {"en": "CREDIT NOTE|Credit Memo", "de": "Gutschrift", "fr": "AVOIR|Avoir", "es": "Factura rectificativa", "it": "Nota di credito", "pt": "Nota de crédito", "nl": "Creditnota"},
    "quote": {"en": "QUOTATION|Quote|Estimate", "de": "Angebot", "fr": "DEVIS|Devis", "es": "Presupuesto", "it": "Preventivo", "pt": "Orçamento", "nl": "Offerte"},
    "order": {"en": "Order confirmation|ORDER CONFIRMATION|Your order", "de": "Auftragsbestätigung", "fr": "Confirmation de commande", "es": "Confirmación de pedido", "it": "Conferma d'ordine", "pt": "Confirmação de encomenda", "nl": "Orderbevestiging"},
    "delivery": {"en": "DELIVERY NOTE|Packing slip|Delivery Note", "de": "Lieferschein", "fr": "Bon de livraison", "es": "Albarán", "it": "Documento di trasporto", "pt": "Guia de remessa", "nl": "Pakbon"},
    "receipt": {"en": "RECEIPT|Receipt|SALES RECEIPT|CASH BILL|TAX INVOICE|SIMPLIFIED TAX INVOICE", "de": "Kassenbon|QUITTUNG|Beleg", "fr": "TICKET|Reçu", "es": "FACTURA SIMPLIFICADA|TICKET", "it": "DOCUMENTO COMMERCIALE|SCONTRINO", "pt": "RECIBO|Fatura simplificada", "nl": "BON|Kassabon"},
    "closed": {"en": "closed|Closed|CLOSED", "de": "geschlossen|Ruhetag", "fr": "fermé", "es": "cerrado", "it": "chiuso", "pt": "fechado", "nl": "gesloten"},
    "hours": {"en": "OPENING HOURS|Opening times|Business hours|We are open", "de": "Öffnungszeiten", "fr": "Horaires d'ouverture", "es": "Horario", "it": "Orari di apertura", "pt": "Horário", "nl": "Openingstijden"},
    "platform": {"en": "Platform|Plat.|Track", "de": "Gleis", "fr": "Voie", "es": "Vía", "it": "Binario", "pt": "Linha", "nl": "Spoor"},
    "menu": {"en": "Menu|MENU|Our dishes|Today's menu|Lunch menu", "de": "Speisekarte|Tageskarte", "fr": "La carte|Menu", "es": "Carta|Menú", "it": "Menù", "pt": "Ementa", "nl": "Menukaart"},
}  # fmt: skip


def _priced(lists: dict[str, str]) -> dict[str, tuple[tuple[str, float], ...]]:
    return {
        lang: tuple(
            (name, float(price)) for name, _, price in (t.partition("=") for t in text.split("|"))
        )
        for lang, text in lists.items()
    }


GROCERIES, DISHES, WARES = _priced(_GROCERIES), _priced(_DISHES), _priced(_WARES)
