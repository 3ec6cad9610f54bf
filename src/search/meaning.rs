//! The meanings of words of the domain, as compact tables. On the left of `=` are words and phrases
//! (`sign+in`), on the right the words of slugs and titles that they point to, each with a weight;
//! `#` marks a group that is not part of any tool's name.

/// One meaning per line. A word in two lines has both meanings.
pub(super) const WORDS: &str = "\
app software service platform=integration2 provider2
apps services platforms=integration2 provider2 list1
vendor supported support catalogue catalog category compatible work+with=provider3 list2
available=provider2 list1
add+support=create3 integration5
documentation docs authenticate authentication auth+mode auth+method base+url token+url auth+url=provider3 detail3
need require requirement default=provider3 detail3
i+need we+need=#none1
our=integration2
we=integration1
configure set+up setup register=create3 integration3
configured=integration3
connected linked=connection3 list2
error stuck=connection1 status1
many=list2
account customer person user end+user tenant=connection2
accounts customers people users end+users tenants=connection2 list1
her his their=connection1
organization organisation company=connection1 edit1
altogether completely entirely for+everyone all+customer every+account no+longer=integration3 delete1
credential=credential2
access+token refresh+token bearer+token api+key secret+key=credential3 connection2
token login=credential1 connection1
client+id client+secret developer+app oauth+app=integration4
scope oauth=integration1 provider1
unique+key=integration2
display+name=integration2 update1
webhook=integration2
expire=reconnect2 credential1
still+work valid working=credential3 connection1
store save import migrate upload already exist hold=add3
reauthorise reauthenticate renew relogin again broken lapse invalid=reconnect4 session1
authorise login log+in sign+in signin sign+up consent grant invite=session4
link frontend popup embed modal flow=session3
let=session3
custom field mapping setting preference attribute custom+data custom+field=metadata3 connection1 get1
tag label assign reassign move owner=edit4 connection1
email=edit2
overwrite replace clear wipe=set3 put3
merge patch keep=update3 metadata1
rename rotate=update4 integration3
change modify adjust switch alter different=update3 edit3 put2
disconnect unlink revoke offboard detach=delete3 connection3
remove drop erase destroy purge discard get+rid take+out uninstall=delete3
new make generate build=create2
show view display see=list1 get1
all every which who any find search=list2
fetch read retrieve inspect look+up check give+me=get2
data pull=sync2
fresh latest now immediately manual scratch=trigger2 sync1
resync reimport synchronise=sync4 trigger3
refresh=sync1 trigger1 credential1
last when running fail progress finish healthy stale outdated up+to+date=status3 sync1
often schedule frequency=status2 sync2
deploy=function5
input output parameter=function3 action1
run execute invoke launch perform kick+off=trigger3
start=trigger3 start3
record=record5 sync1
send notify workflow=action3
api endpoint rest http raw=proxy3
call live directly direct straight=proxy2
env dotenv=environment3
environment=environment2
var=variable5
value define=variable2
config+value=variable5
message invoice contact ticket issue lead deal event repository file task employee candidate order=#thing1 action1 proxy1 sync1
crm accounting hr hris ats ticketing payroll helpdesk=#app1 connection1 provider1 integration1
salesforce hubspot quickbooks xero slack github gitlab google gmail zendesk notion stripe jira asana linear shopify zoom airtable microsoft outlook teams sharepoint dropbox intercom pipedrive mailchimp trello workday bamboohr greenhouse netsuite discord calendly=#app1 connection1 provider1 integration1 sync1
";

/// What a combination of two meanings points to.
pub(super) const PAIRS: &[(&str, &str, &str, i32)] = &[
    ("create", "#thing", "action", 7),
    ("send", "#thing", "action", 3),
    ("put", "proxy", "put", 2),
    ("add", "metadata", "update", 3),
];

/// Words that begin a question or a wish to see something.
pub(super) const READING: &str = " what which who when where how is are does did do has have show list find get fetch read retrieve check search look view see inspect ";

/// Words without meaning for a search.
pub(super) const SILENT: &str = " a an and any are as at be been but by can could d did do does done for from give had has have he i if in into is it its just like ll m me my nango need no not of off on once one or out please she should so some t than that the them then there these they this to too up us use using via want was we were will with without would you your yet re s how when where what why ";
