// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {PoseidonT2} from "poseidon-solidity/PoseidonT2.sol";
import {IHomeFees} from "../../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry as I} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {MembershipRegistry} from "../../../contracts/membership/MembershipRegistry.sol";
import {OperatorStaking} from "../../../contracts/staking/OperatorStaking.sol";
import {Handler} from "../support/Handler.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {nextLedger} from "../support/Ledger.sol";
import {Walk} from "../support/Walk.sol";

/// @dev Members join, renew, leave, change homes, are slashed, themselves or by signature; operators gain and lose credit and
/// good standing, and claim. The ghost ledger notes deposits, fees and the hash, and watches that nothing goes back.
contract MembershipHandler is Handler {
    MembershipRegistry public immutable registry;
    OperatorStaking public immutable staking;
    address public constant BURNED = 0x000000000000000000000000000000000000dEaD;
    uint32 private constant HOMES = 2;

    IHomeFees.Key[] private members;
    uint256[] private secrets;
    uint40[] private claimedUntil;
    uint16[] private nonces;

    uint256 public depositsHeld;
    uint256 public feesPaid;
    uint256 public feesLeft;
    uint128[HOMES + 1] private creditSeen;
    uint256 public creditGiven;
    uint256 public drawn;
    uint256 public claims;
    uint256 public burned;
    uint256 public rewarded;
    bytes32 public ledger;
    bool public fell;

    constructor(DenyToken token_, MembershipRegistry registry_, OperatorStaking staking_) Handler(token_) {
        registry = registry_;
        staking = staking_;
        approveAll(address(registry_));
        token_.approve(address(staking_), type(uint256).max);
        for (uint32 i = 1; i <= HOMES; ++i) {
            staking_.createOperator(actors[i], actors[i], address(registry_));
            staking_.setAdjudicator(i, 0, address(this), true);
            stake(i, 0);
        }
    }

    // --- life ---

    function register(uint256 payer, uint256 holder, uint16 limit, uint8 home) external {
        I.Registration memory r = newMember(holder, limit, home);
        uint256 cost = priceOf(r);
        vm.prank(actor(payer));
        uint32 index = registry.register(r.idCommitment, r.rateLimit, r.holder, r.home, cost);
        joined(r, index);
    }

    function registerMany(uint256 payer, uint256 holder, uint16 limit, uint8 home) external {
        I.Registration[] memory many = new I.Registration[](2);
        many[0] = newMember(holder, limit, home);
        many[1] = newMember(holder / 2, limit / 2, home / 2);
        uint256 cost = priceOf(many[0]) + priceOf(many[1]);
        vm.prank(actor(payer));
        uint32 index = registry.registerMany(many, cost);
        joined(many[0], index);
        joined(many[1], index + 1);
    }

    function registerFor(uint256 payer, uint256 holder, uint16 limit, uint8 home) external {
        I.Registration memory r = newMember(holder, limit, home);
        uint40 deadline = uint40(block.timestamp);
        bytes32 digest = registry.registerDigest(r, priceOf(r), actor(payer), deadline);
        bytes memory sig = signature(keys[payer % ACTORS], digest);
        joined(r, registry.registerFor(r, priceOf(r), actor(payer), deadline, sig));
    }

    function renew(uint256 seed, uint256 payer, bool relayed) external {
        (uint256 id, address holder, I.Member memory m) = pick(seed);
        if (!inTree(m)) return;
        uint256 fee = uint256(registry.feePerMessage()) * m.rateLimit;
        if (relayed) {
            uint40 deadline = uint40(block.timestamp);
            bytes32 digest = registry.renewDigest(id, holder, m.expiry, fee, actor(payer), deadline);
            bytes memory sig = signature(keys[payer % ACTORS], digest);
            registry.renewFor(id, holder, fee, actor(payer), deadline, sig);
        } else {
            vm.prank(actor(payer));
            registry.renew(id, holder, fee);
        }
        feesPaid += fee;
        note(2, seed);
    }

    function exit(uint256 seed, bool relayed) external {
        (uint256 id, address holder, I.Member memory m) = pick(seed);
        if (!inTree(m)) return;
        if (relayed) {
            uint40 deadline = uint40(block.timestamp);
            bytes32 digest = registry.exitDigest(id, holder, m.nonce, deadline);
            registry.exitFor(id, holder, deadline, signature(keyOf(holder), digest));
        } else {
            vm.prank(holder);
            registry.exit(id);
        }
        note(3, seed);
    }

    function withdraw(uint256 seed) external {
        (uint256 id, address holder, I.Member memory m) = pick(seed);
        if (!withdrawable(m)) return;
        registry.withdraw(id, holder);
        depositsHeld -= depositOf(m);
        watch(seed);
    }

    function slash(uint256 seed, uint256 slasher) external {
        (, address holder, I.Member memory m) = pick(seed);
        if (m.state != I.State.Active && m.state != I.State.Exited) return;
        uint256 secret = secrets[seed % members.length];
        vm.startPrank(actor(slasher));
        registry.commitSlash(
            keccak256(abi.encode(block.chainid, registry, actor(slasher), secret, bytes32(0)))
        );
        vm.roll(block.number + 2);
        registry.slash(secret, holder, 0);
        vm.stopPrank();
        uint256 deposit = depositOf(m);
        depositsHeld -= deposit;
        burned += deposit - deposit / 2;
        rewarded += deposit / 2;
        note(4, seed);
    }

    // --- fees ---

    function setHome(uint256 seed, uint8 home, bool relayed) external {
        (uint256 id, address holder, I.Member memory m) = pick(seed);
        if (m.state == I.State.None) return;
        uint32 to = home % (HOMES + 1);
        if (relayed) {
            uint40 deadline = uint40(block.timestamp);
            bytes32 digest = registry.setHomeDigest(id, holder, to, m.nonce, deadline);
            registry.setHomeFor(id, holder, to, deadline, signature(keyOf(holder), digest));
        } else {
            vm.prank(holder);
            registry.setHome(id, to);
        }
        watch(seed);
    }

    /// @dev An operator stakes, or loses its standing, or gets it back.
    function stand(uint32 home, uint32 more, uint8 how) external {
        home = 1 + (home % HOMES);
        if (how % 4 > 1 || !good(home)) stake(home, more);
        else staking.slash(home, 0, how % 4 == 0 ? type(uint128).max : 1, 0, address(this));
        seeCredit(home);
    }

    function claimFees(uint256 seed, uint256 seed2) external {
        (uint256 id, address holder, I.Member memory m) = pick(seed);
        if (m.state == I.State.None || !good(m.home)) return;
        (uint256 id2, address holder2, I.Member memory m2) = pick(seed2);
        bool both = m2.home == m.home;
        IHomeFees.Key[] memory list = new IHomeFees.Key[](both ? 2 : 1);
        list[0] = IHomeFees.Key(id, holder);
        if (both) list[1] = IHomeFees.Key(id2, holder2); // perhaps the same one twice
        seeCredit(m.home);
        uint256 before = spread();
        uint256 paid = registry.claimFees(list);
        claimed(before, m.home, paid);
        watch(seed);
        watch(seed2);
    }

    function claimOwed(uint32 home) external {
        home = home % (HOMES + 1);
        (uint256 amount, ) = registry.owed(home);
        if (amount == 0 || !good(home)) return;
        seeCredit(home);
        uint256 before = spread();
        uint256 paid = registry.claimOwed(home);
        claimed(before, home, paid);
    }

    function claim(uint256 who) external {
        if (registry.claimable(actor(who)) == 0 || token.denied(actor(who))) return;
        registry.claim(actor(who));
    }

    // --- for the invariants ---

    function memberCount() external view returns (uint256) {
        return members.length;
    }

    function pick(uint256 seed) public view returns (uint256 id, address holder, I.Member memory m) {
        if (members.length == 0) return (0, address(0), m);
        IHomeFees.Key memory key = members[seed % members.length];
        return (key.idCommitment, key.holder, registry.member(key.idCommitment, key.holder));
    }

    /// @dev What has not streamed yet, and what has but was not claimed.
    function unclaimedFees() external view returns (uint256 sum) {
        for (uint256 i = 0; i < members.length; ++i) {
            (, , I.Member memory m) = pick(i);
            uint256 fee = uint256(registry.feePerMessage()) * m.rateLimit;
            sum += (fee * m.expiry) / registry.term() - (fee * m.claimedUntil) / registry.term();
        }
    }

    function owed() external view returns (uint256 sum) {
        for (uint32 i = 0; i <= HOMES; ++i) {
            (uint256 amount, ) = registry.owed(i);
            sum += amount;
        }
    }

    function claimables() public view returns (uint256 sum) {
        for (uint256 i = 0; i < ACTORS; ++i) sum += registry.claimable(actors[i]);
        sum += registry.claimable(BURNED);
    }

    // --- ghost ledger ---

    function newMember(uint256 holder, uint16 limit, uint8 home) private returns (I.Registration memory) {
        uint256 secret = uint256(keccak256(abi.encode(secrets.length))) % FIELD;
        secrets.push(secret);
        limit = uint16(within(limit, 1, 600));
        return I.Registration(PoseidonT2.hash([secret]), limit, actor(holder), home % (HOMES + 1));
    }

    function priceOf(I.Registration memory r) private view returns (uint256) {
        (uint256 deposit, uint256 fee) = registry.price(r.rateLimit);
        return deposit + fee;
    }

    function joined(I.Registration memory r, uint32 index) private {
        eq(index, members.length, "index = how many came before");
        members.push(IHomeFees.Key(r.idCommitment, r.holder));
        claimedUntil.push(uint40(block.timestamp));
        nonces.push(0);
        (uint256 deposit, uint256 fee) = registry.price(r.rateLimit);
        depositsHeld += deposit;
        feesPaid += fee;
        note(1, index);
    }

    function claimed(uint256 before, uint32 home, uint256 paid) private {
        uint256 credit = creditSeen[home];
        seeCredit(home);
        eq(credit - creditSeen[home], paid, "drawn = paid");
        drawn += paid;
        feesLeft += spread() - before;
        claims += 1;
    }

    function note(uint8 kind, uint256 seed) private {
        (uint256 id, address holder, I.Member memory m) = pick(seed);
        ledger = nextLedger(ledger, kind, m.index, id, holder, m.rateLimit, m.expiry);
        watch(seed);
    }

    /// @dev The member that the last call was about.
    function watch(uint256 seed) private {
        uint256 i = seed % members.length;
        (, , I.Member memory m) = pick(i);
        if (m.claimedUntil < claimedUntil[i] || m.claimedUntil > m.expiry || m.nonce < nonces[i]) fell = true;
        (claimedUntil[i], nonces[i]) = (m.claimedUntil, m.nonce);
    }

    /// @dev At least the minimum, whose credit is less than the fee of a large membership.
    function stake(uint32 home, uint32 more) private {
        uint128 amount = staking.minimumStake() + (more % 12e6);
        token.mint(address(this), amount);
        staking.stake(home, 0, amount);
    }

    /// @dev Notes what the credit of `home` has grown by.
    function seeCredit(uint32 home) private {
        (, uint128 credit, ) = staking.incomeOf(home);
        if (credit > creditSeen[home]) creditGiven += credit - creditSeen[home];
        creditSeen[home] = credit;
    }

    /// @dev All that has left the registry, or waits to.
    function spread() private view returns (uint256 sum) {
        for (uint256 i = 0; i < ACTORS; ++i) sum += token.balanceOf(actors[i]);
        sum += token.balanceOf(BURNED) + claimables();
    }

    function inTree(I.Member memory m) private view returns (bool) {
        return m.state == I.State.Active && block.timestamp <= uint256(m.expiry) + registry.grace();
    }

    function withdrawable(I.Member memory m) private view returns (bool) {
        if (m.state == I.State.Exited) return block.timestamp >= m.withdrawableAt;
        uint256 end = uint256(m.expiry) + registry.grace() + registry.exitDelay();
        return m.state == I.State.Active && block.timestamp > end;
    }

    function depositOf(I.Member memory m) private view returns (uint256) {
        return uint256(registry.depositPerMessage()) * m.rateLimit;
    }

    function good(uint32 home) private view returns (bool) {
        (, , uint40 goodSince) = staking.incomeOf(home);
        return home == 0 || goodSince != 0;
    }

    function keyOf(address holder) private view returns (uint256) {
        for (uint256 i = 0; i < ACTORS; ++i) if (actors[i] == holder) return keys[i];
        revert NotTrue("holder is an actor");
    }
}

contract MembershipInvariants is Walk {
    DenyToken private token;
    MembershipRegistry private registry;
    MembershipHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        OperatorStaking staking = new OperatorStaking(token, 1e6, 300, 2_400, 3_000);
        I.Params memory p = I.Params(60, 60, 3_600, 600, 300, 2, 86_400, 50_001, 9_973);
        registry = new MembershipRegistry(token, staking, p);
        handler = new MembershipHandler(token, registry, staking);
        walkOver(handler);
    }

    /// After every call.
    function invariant_holds() public view {
        nobodyDrawsMoreThanNineTenthsOrThanTheCredit();
        theGhostLedgerHasTheSameWord();
        atLeastHalfOfWhatIsSlashedIsBurned();
        claimedNeverFallsAndNoncesOnlyGrow();
        if (isCounted()) sums();
    }

    /// After every walk.
    function afterInvariant() public {
        sums();
        everyDepositAndFeeHasAWayOut();
    }

    function sums() private view {
        tokensHeldAreWhatIsOwed();
        everyFeeIsSomewhere();
    }

    function tokensHeldAreWhatIsOwed() private view {
        uint256 sum =
            handler.depositsHeld() + handler.unclaimedFees() + handler.owed() + handler.claimables();
        eq(
            token.balanceOf(address(registry)),
            sum,
            "held = deposits + unstreamed and unclaimed fees + owed + claimable"
        );
    }

    function everyFeeIsSomewhere() private view {
        uint256 sum = handler.feesLeft() + handler.unclaimedFees() + handler.owed();
        eq(handler.feesPaid(), sum, "fees paid in = paid out and burned + unclaimed + owed");
    }

    function nobodyDrawsMoreThanNineTenthsOrThanTheCredit() private view {
        ok(
            handler.drawn() * 10 <= handler.feesLeft() * 9 + 10 * handler.claims(),
            "drawn <= 9/10 of the fees"
        );
        ok(handler.drawn() <= handler.creditGiven(), "drawn <= credit");
    }

    function theGhostLedgerHasTheSameWord() private view {
        eq(registry.ledger(), handler.ledger(), "ledger word");
        eq(registry.memberCount(), handler.memberCount(), "member count");
    }

    function atLeastHalfOfWhatIsSlashedIsBurned() private view {
        ok(handler.burned() >= handler.rewarded(), "burned >= rewarded");
    }

    function claimedNeverFallsAndNoncesOnlyGrow() private view {
        ok(!handler.fell(), "claimed until and nonce of each member only grow");
    }

    /// Whatever operators do: every deposit that was not slashed goes to its holder, and every fee that is not owed to an
    /// operator yet can be burned by its holder.
    function everyDepositAndFeeHasAWayOut() private {
        skip(100 * 365 days);
        for (uint256 i = 0; i < handler.memberCount(); ++i) {
            (, address holder, I.Member memory m) = handler.pick(i);
            (uint256 id, , ) = handler.pick(i);
            if (m.state == I.State.Active || m.state == I.State.Exited) registry.withdraw(id, holder);
            vm.prank(holder);
            registry.setHome(id, 0);
        }
        (uint256 burnable, ) = registry.owed(0);
        if (burnable != 0) registry.claimOwed(0);
        uint256 sum = handler.owed() + handler.claimables();
        eq(token.balanceOf(address(registry)), sum, "left = owed to operators + claimable");
    }
}
