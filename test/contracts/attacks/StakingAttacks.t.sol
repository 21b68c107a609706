// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IDelegations as D} from "../../../contracts/interfaces/IDelegations.sol";
import {IOperators as O} from "../../../contracts/interfaces/IOperators.sol";
import {IProvisions as P} from "../../../contracts/interfaces/IProvisions.sol";
import {IRelayed} from "../../../contracts/interfaces/IRelayed.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {Holdings} from "../../../contracts/libraries/Holdings.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {DenyToken, FeeToken, HookToken, Receiver, SilentToken} from "../support/HostileTokens.sol";
import {Fixture} from "../support/Fixture.sol";

/// Numbered like the list of attacks in docs/contracts.md.
contract StakingAttacksTest is Fixture {
    uint32 private id;

    function setUp() public override {
        super.setUp();
        begin();
    }

    /// @dev mallory's operator, with this test as its court.
    function begin() private {
        id = operatorWithStake(mallory, mallory, mallory);
        vm.prank(mallory);
        staking.setAdjudicator(id, 0, address(this), true);
    }

    function use(LocalToken hostile) private {
        deploy(IERC20(address(hostile)));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
    }

    function delegate(address who, uint128 amount) private returns (uint128) {
        uint32 version = staking.provision(id, 0).version;
        vm.prank(who);
        return staking.delegate(id, 0, amount, version);
    }

    function exit(address who) private {
        uint128 shares = staking.delegation(id, 0, who).shares;
        vm.prank(who);
        staking.undelegate(id, 0, shares);
        skip(STAKE_THAW);
        staking.withdrawDelegation(id, 0, who);
    }

    // --- 11: slash while thawing or withdrawing ---

    function test_attack11_slashWhileThawing() public {
        vm.startPrank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE / 2);
        skip(10);
        staking.thaw(id, 0, MINIMUM_STAKE / 2);
        vm.stopPrank();
        skip(STAKE_THAW - 11);
        eq(staking.slash(id, 0, MINIMUM_STAKE, 0, bob), MINIMUM_STAKE, "all of it, a second before");
        skip(100);
        vm.expectRevert(abi.encodeWithSelector(Holdings.NothingThawed.selector, 0));
        staking.withdraw(id, 0);
    }

    function test_attack11_slashOfWhatHasThawedButNotLeft() public {
        vm.prank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE);
        skip(STAKE_THAW + 1_000);
        staking.slash(id, 0, MINIMUM_STAKE - 1, 0, bob);
        eq(staking.withdraw(id, 0), 1, "what is left");
    }

    // --- 15: nobody gains by slashing itself ---

    function test_attack15_selfSlashToSkipAThawCostsHalf() public {
        vm.startPrank(mallory);
        staking.setAdjudicator(id, 0, mallory, true);
        uint256 before = token.balanceOf(mallory);
        staking.slash(id, 0, MINIMUM_STAKE, MINIMUM_STAKE, mallory);
        vm.stopPrank();
        eq(token.balanceOf(mallory) - before, MINIMUM_STAKE / 2, "half is gone for good");
        eq(token.balanceOf(BURNED), MINIMUM_STAKE / 2, "burned");
    }

    function test_attack15_aShorterDelayOrADroppedCourtDoesNotSkipAThaw() public {
        vm.startPrank(mallory);
        staking.setTerms(id, 0, 4 * STAKE_THAW, 0);
        skip(STAKE_THAW);
        staking.setTerms(id, 0, STAKE_THAW, 0);
        staking.setAdjudicator(id, 0, address(this), false);
        staking.thaw(id, 0, MINIMUM_STAKE);
        vm.stopPrank();
        skip(4 * STAKE_THAW - 1);
        vm.expectPartialRevert(Holdings.NothingThawed.selector);
        staking.withdraw(id, 0);
        eq(staking.slash(id, 0, 1, 0, bob), 1, "and the court is there to the end");
    }

    /// An operator that lets its own court loose on those who delegated gains nothing from who leaves in time.
    function test_attack15_anOperatorsOwnCourtCannotSurpriseDelegators() public {
        delegate(alice, 1_000 * TEA);
        vm.startPrank(mallory);
        staking.setAdjudicator(id, 0, mallory, true);
        staking.setTerms(id, 0, 4 * STAKE_THAW, 3_000);
        staking.slash(id, 0, type(uint128).max, type(uint128).max, mallory);
        vm.stopPrank();
        eq(staking.delegation(id, 0, alice).value, 1_000 * TEA, "not touched");
        exit(alice);
        eq(token.balanceOf(alice), WEALTH, "all back");
    }

    // --- 20: shares ---

    function test_attack20_inflationByTheFirstDelegator() public {
        uint256 wealth = token.balanceOf(mallory);
        delegate(mallory, 1);
        vm.prank(mallory);
        staking.addRewards(id, 0, 1_000 * TEA);
        delegate(alice, 999 * TEA);
        ok(staking.delegation(id, 0, alice).value > 998 * TEA, "the victim has what it put in");
        exit(mallory);
        ok(wealth - token.balanceOf(mallory) >= 400 * TEA, "the attacker gave much of it away");
        exit(alice);
        ok(token.balanceOf(alice) > WEALTH - TEA, "nothing to speak of is lost");
    }

    function test_attack20_tokensSentToTheContractMoveNoPrice() public {
        delegate(mallory, 1);
        vm.prank(mallory);
        token.transfer(address(staking), 1_000 * TEA);
        eq(delegate(alice, 1_000), 1_000 * 1e6, "a share costs what it did");
    }

    function testFuzz_attack20_roundingIsThePoolsGain(uint256 seed) public {
        delegate(alice, 1_000 * TEA);
        uint256 put;
        uint256 got;
        uint256 before = token.balanceOf(mallory);
        for (uint256 i = 0; i < 6; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint128 amount = uint128(within(seed, 1, 1e6));
            delegate(mallory, amount);
            put += amount;
            exit(mallory);
            if (seed & 1 == 0) continue;
            staking.slash(id, 0, MINIMUM_STAKE + uint128((seed >> 8) % 1e8), 0, bob);
            vm.prank(bob);
            staking.stake(id, 0, MINIMUM_STAKE);
        }
        got = token.balanceOf(mallory) + put - before;
        ok(got <= put, "in and out again never gains");
    }

    function test_attack20_exitAfterATotalSlash() public {
        delegate(alice, 1_000);
        delegate(bob, 1_000);
        uint128 half = staking.delegation(id, 0, bob).shares / 2;
        vm.prank(bob);
        staking.undelegate(id, 0, half);
        vm.expectEmit();
        emit D.PoolEmptied(id, 0, 1);
        staking.slash(id, 0, type(uint128).max, 0, carol);
        eq(staking.delegation(id, 0, alice).shares, 0, "void");
        eq(staking.delegation(id, 0, bob).thawing, 0, "void too");
        eq(staking.provision(id, 0).delegatedShares, 0, "no shares");
        // the next one is not diluted by those who lost all, and they may come again
        eq(delegate(carol, 1_000), 1_000 * 1e6, "a new pool");
        delegate(alice, 500);
        exit(alice);
        exit(carol);
        eq(token.balanceOf(alice), WEALTH - 1_000, "lost once, not twice");
        eq(token.balanceOf(carol), WEALTH, "untouched");
    }

    function test_attack20_exitAfterANearlyTotalSlash() public {
        delegate(alice, 1_000 * TEA);
        staking.slash(id, 0, MINIMUM_STAKE + 1_000 * TEA - 1, 0, carol);
        eq(staking.provision(id, 0).delegated, 1, "one unit");
        delegate(bob, 1_000 * TEA); // the price is tiny, shares are many
        ok(staking.delegation(id, 0, bob).value >= 999 * TEA, "worth what was paid");
        exit(alice);
        exit(bob);
        ok(token.balanceOf(bob) >= WEALTH - TEA, "and out again");
    }

    function test_attack20_dustDelegations() public {
        delegate(alice, 1_000);
        vm.prank(bob);
        staking.addRewards(id, 0, 500);
        for (uint256 i = 0; i < 10; ++i) delegate(mallory, 1);
        vm.startPrank(mallory);
        for (uint256 i = 0; i < 10; ++i) staking.undelegate(id, 0, 1); // a millionth of a unit
        vm.stopPrank();
        skip(STAKE_THAW);
        eq(staking.withdrawDelegation(id, 0, mallory), 0, "worth nothing, but gone");
        exit(mallory);
        exit(alice);
        ok(token.balanceOf(alice) >= WEALTH + 498, "alice has her reward");
        P.Provision memory p = staking.provision(id, 0);
        eq(p.delegatedShares, 0, "no share is left behind");
        eq(
            token.balanceOf(address(staking)),
            p.tokens + p.delegated,
            "what rounding left is held for nobody"
        );
    }

    // --- 21: tokens that do not behave, and re-entrancy ---

    function test_attack21_feeOnTransferIsRefused() public {
        use(new FeeToken());
        vm.startPrank(alice);
        id = staking.createOperator(alice, alice, address(0));
        bytes memory inexact = abi.encodeWithSelector(ITokenCustody.InexactTransfer.selector, 1_000, 990);
        vm.expectRevert(inexact);
        staking.stake(id, 1, 1_000);
        vm.expectRevert(inexact);
        staking.delegate(id, 0, 1_000, 0);
        vm.stopPrank();
    }

    function test_attack21_tokenWithoutAnswersWorks() public {
        use(new SilentToken());
        begin();
        delegate(alice, 1_000);
        exit(alice);
        eq(token.balanceOf(alice), WEALTH, "in and out");
        staking.slash(id, 0, 100, 50, bob);
        eq(token.balanceOf(bob), WEALTH + 50, "rewarded");
        eq(staking.claimable(BURNED), 0, "burned");
    }

    function test_attack21_reentrancyOfDelegatorPayeeAndBeneficiary() public {
        use(new HookToken());
        Receiver evil = new Receiver();
        fund(address(evil));
        HookToken(address(token)).hook(address(evil));
        id = operatorWithStake(mallory, mallory, address(evil));
        vm.startPrank(mallory);
        staking.setTerms(id, 1, STAKE_THAW, 3_000);
        staking.setAdjudicator(id, 0, address(this), true);
        vm.stopPrank();
        evil.act(address(staking), abi.encodeCall(staking.delegate, (id, 1, 100, 1)));
        evil.act(address(staking), abi.encodeCall(staking.undelegate, (id, 1, 50e6)));
        skip(STAKE_THAW);

        bytes memory again = abi.encodeCall(staking.withdrawDelegation, (id, 1, address(evil)));
        evil.reenter(address(staking), again);
        staking.withdrawDelegation(id, 1, address(evil));
        refused(evil);
        eq(token.balanceOf(address(evil)), WEALTH - 50, "paid once");

        evil.reenter(address(staking), abi.encodeCall(staking.delegate, (id, 1, 10, 1)));
        vm.prank(alice);
        staking.addRewards(id, 1, 100); // the payee's cut calls it
        refused(evil);
        evil.reenter(address(staking), abi.encodeCall(staking.slash, (id, 0, 10, 5, address(evil))));
        staking.slash(id, 0, 100, 50, address(evil));
        refused(evil);
        evil.reenter(address(staking), abi.encodeCall(staking.stake, (id, 0, 10)));
        evil.act(address(staking), abi.encodeCall(staking.stake, (id, 0, 100)));
        refused(evil);
    }

    function refused(Receiver evil) private view {
        ok(!evil.reentered(), "the call back did not succeed");
        bytes4 guard = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        eq(bytes32(bytes4(evil.refusal())), bytes32(guard), "refused by the guard");
    }

    // --- 22: overflow and narrowing ---

    function test_attack22_stakeThatDoesNotFitIsRefused() public {
        uint128 most = type(uint88).max;
        LocalToken(address(token)).mint(bob, most);
        vm.startPrank(bob);
        staking.stake(id, 0, most - MINIMUM_STAKE);
        vm.expectRevert(abi.encodeWithSelector(O.StakeTooLarge.selector, id, uint256(most) + 1));
        staking.stake(id, 1, 1);
        vm.stopPrank();
        skip(10_000 days);
        (, uint128 credit, ) = staking.incomeOf(id);
        eq(credit, most / 4, "the credit of the largest stake, after long");
        vm.prank(mallory);
        staking.thaw(id, 0, most);
    }

    function test_attack22_delegationThatDoesNotFitIsRefused() public {
        LocalToken(address(token)).mint(bob, type(uint128).max);
        uint128 most = uint128(type(uint120).max / 1e6);
        delegate(bob, most);
        uint32 version = staking.provision(id, 0).version;
        vm.startPrank(bob);
        vm.expectPartialRevert(Holdings.HoldingTooLarge.selector);
        staking.delegate(id, 0, 1e6, version);
        vm.stopPrank();
        vm.prank(alice); // another delegator still can
        staking.delegate(id, 0, 1_000, version);
        exit(bob);
    }

    /// After the year 36812 nothing works any more, but no time wraps around before.
    function test_attack22_timesFitForLong() public {
        vm.warp(30_000 * 365 days);
        vm.startPrank(mallory);
        staking.stake(id, 0, 100);
        staking.thaw(id, 0, 100);
        eq(staking.provision(id, 0).thawedAt, block.timestamp + STAKE_THAW, "no wrap");
        vm.stopPrank();
    }

    // --- 24: nothing grows without bound ---

    function test_attack24_aFullRingOfThawsIsCheapToSlashAndWithdraw() public {
        vm.prank(mallory);
        staking.stake(id, 0, 1_000);
        for (uint256 i = 0; i < 16; ++i) {
            vm.prank(mallory);
            staking.thaw(id, 0, 10);
        }
        uint256 gas = gasleft();
        staking.slash(id, 0, 155, 0, bob);
        ok(gas - gasleft() < 200_000, "slash < 200,000 gas");
        skip(STAKE_THAW);
        gas = gasleft();
        eq(staking.withdraw(id, 0), 5, "what is left of sixteen thaws");
        ok(gas - gasleft() < 200_000, "withdraw < 200,000 gas");
    }

    // --- 25: no exit is blocked ---

    function test_attack25_aDeniedOwnerDelegatorOrBeneficiaryBlocksNobody() public {
        use(new DenyToken());
        begin();
        DenyToken deny = DenyToken(address(token));
        delegate(alice, 1_000);
        uint128 shares = staking.delegation(id, 0, alice).shares;
        vm.prank(alice);
        staking.undelegate(id, 0, shares);
        vm.prank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE);
        skip(STAKE_THAW);
        address[4] memory all = [mallory, alice, bob, BURNED];
        for (uint256 i = 0; i < 4; ++i) deny.deny(all[i], true, DenyToken.Manner.Bomb);

        staking.slash(id, 0, 100, 50, bob);
        eq(staking.claimable(bob), 50, "the reward waits");
        eq(staking.claimable(BURNED), 50, "out of everybody's reach");
        staking.withdraw(id, 0);
        eq(staking.claimable(mallory), MINIMUM_STAKE - 100, "the stake waits");
        staking.withdrawDelegation(id, 0, alice);
        eq(staking.claimable(alice), 1_000, "the delegation waits");
        deny.deny(alice, false, DenyToken.Manner.Revert);
        staking.claim(alice);
        eq(token.balanceOf(alice), WEALTH, "and gets there");
    }

    function test_attack25_delegatorsLeaveWhateverTheOperatorDoes() public {
        delegate(alice, 1_000);
        vm.startPrank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE);
        skip(STAKE_THAW);
        staking.withdraw(id, 0);
        staking.setTerms(id, 0, 4 * STAKE_THAW, 3_000);
        staking.setKeys(id, bob, bob);
        vm.stopPrank();
        exit(alice);
        eq(token.balanceOf(alice), WEALTH, "by the delay that she agreed to");
    }

    // --- 1, 2: signed actions ---

    function test_attack01_aSignedActionCountsOnceHereAndOnlyInTime() public {
        bytes32 typehash = keccak256(
            "SetKeys(uint32 id,address node,address payee,uint256 nonce,uint40 deadline)"
        );
        uint40 deadline = uint40(block.timestamp) + 100;
        bytes32 hash = keccak256(abi.encode(typehash, id, bob, carol, uint256(0), deadline));
        bytes memory sig = signature(malloryKey, digest(address(staking), hash));
        bytes memory bad = abi.encodeWithSelector(IRelayed.BadSignature.selector, mallory);

        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, alice, deadline, sig); // other arguments
        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, carol, deadline + 1, sig); // another deadline
        uint256 chainId = block.chainid;
        vm.chainId(1);
        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, carol, deadline, sig); // another chain
        vm.chainId(chainId);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IRelayed.SignatureExpired.selector, deadline));
        staking.setKeysFor(id, bob, carol, deadline, sig);
        vm.warp(deadline);
        staking.setKeysFor(id, bob, carol, deadline, sig);
        eq(staking.operator(id).payee, carol, "done");
        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, carol, deadline, sig); // again
        vm.expectRevert(abi.encodeWithSelector(O.UnknownOperator.selector, 9));
        staking.setKeysFor(9, bob, carol, deadline, sig);
        bytes memory elsewhere = signature(malloryKey, digest(address(services), hash));
        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, carol, deadline, elsewhere); // another contract
    }

    function test_attack10_aContractMayOwnAnOperatorAndSign() public {
        Receiver safe = new Receiver(); // says yes to everything
        id = staking.createOperatorFor(address(safe), bob, bob, address(0), type(uint40).max, "");
        eq(staking.operator(id).owner, address(safe), "by ERC-1271");
        vm.expectRevert(abi.encodeWithSelector(IRelayed.BadSignature.selector, address(0)));
        staking.createOperatorFor(address(0), bob, bob, address(0), type(uint40).max, "");
    }

    function digest(address verifying, bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Teahouse OperatorStaking"),
                keccak256("1"),
                block.chainid,
                verifying
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }
}
