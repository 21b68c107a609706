// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry as I} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {MembershipRegistry} from "../../contracts/membership/MembershipRegistry.sol";
import {Fixture} from "./support/Fixture.sol";

contract MembershipRegistryTest is Fixture {
    uint256 private constant SECRET = 0x5ec4e7;
    bytes32 private constant SALT = "salt";

    function nextLedger(
        bytes32 ledger,
        uint8 kind,
        uint32 index,
        uint256 id,
        address holder,
        uint16 limit,
        uint40 expiry
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(ledger, kind, index, id, holder, limit, expiry));
    }

    // --- constructor ---

    function test_constructor_refusesAnExitDelayWithinRootWindowAndThreeEpochs() public {
        I.Params memory p = params();
        p.exitDelay = p.rootWindow + 3 * p.epochSeconds;
        vm.expectRevert(I.BadParams.selector);
        new MembershipRegistry(token, staking, p);
    }

    function test_constructor_refusesZeroEpochTermOrBlocks() public {
        for (uint256 i = 0; i < 3; ++i) {
            I.Params memory p = params();
            if (i == 0) p.epochSeconds = 0;
            else if (i == 1) p.term = 0;
            else p.commitMinBlocks = 0;
            vm.expectRevert(I.BadParams.selector);
            new MembershipRegistry(token, staking, p);
        }
    }

    // --- register ---

    function test_register_refusesABadCommitment() public {
        uint256[3] memory bad = [0, FIELD, type(uint256).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(I.BadIdCommitment.selector, bad[i]));
            registry.register(bad[i], 1, alice, 0, type(uint256).max);
        }
    }

    function test_register_refusesALimitOutside1To600() public {
        uint16[3] memory bad = [0, 601, type(uint16).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(I.BadRateLimit.selector, bad[i]));
            registry.register(1, bad[i], alice, 0, type(uint256).max);
            vm.expectRevert(abi.encodeWithSelector(I.BadRateLimit.selector, bad[i]));
            registry.price(bad[i]);
        }
    }

    function test_register_refusesHolderZero() public {
        vm.prank(alice);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        registry.register(1, 1, address(0), 0, type(uint256).max);
    }

    function test_register_refusesAnUnknownHome() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.UnknownHome.selector, 7));
        registry.register(1, 1, alice, 7, type(uint256).max);
    }

    function test_register_refusesASecondTimeEvenAfterWithdrawal() public {
        uint256 id = join(SECRET, 10, alice);
        bytes memory refusal = abi.encodeWithSelector(I.AlreadyRegistered.selector, id, alice);
        vm.prank(bob);
        vm.expectRevert(refusal);
        registry.register(id, 10, alice, 0, type(uint256).max);

        vm.prank(alice);
        registry.exit(id);
        skip(EXIT_DELAY);
        registry.withdraw(id, alice);
        vm.prank(alice);
        vm.expectRevert(refusal);
        registry.register(id, 10, alice, 0, type(uint256).max);
    }

    function testFuzz_register_takesThePriceAndStoresTheMember(uint256 id, uint16 limit) public {
        id = within(id, 1, FIELD - 1);
        limit = uint16(within(limit, 1, 600));
        uint40 expiry = uint40(block.timestamp) + TERM;
        bytes32 head = nextLedger(0, 1, 0, id, bob, limit, expiry);
        (uint256 deposit, uint256 fee) = registry.price(limit);

        vm.expectEmit();
        emit I.MemberRegistered(id, bob, 0, limit, expiry, 0, head);
        vm.prank(alice); // a gift: alice pays, bob holds
        uint32 index = registry.register(id, limit, bob, 0, deposit + fee);

        eq(index, 0, "first index");
        eq(registry.memberCount(), 1, "member count");
        eq(registry.ledger(), head, "ledger hash");
        eq(token.balanceOf(alice), WEALTH - uint256(limit) * (DEPOSIT + FEE), "payer paid deposit and fee");
        eq(token.balanceOf(address(registry)), deposit + fee, "registry holds deposit and fee");
        I.Member memory m = registry.member(id, bob);
        eq(uint8(m.state), uint8(I.State.Active), "state");
        eq(m.rateLimit, limit, "limit");
        eq(m.expiry, expiry, "expiry");
    }

    function test_register_givesConsecutiveIndexes() public {
        for (uint256 i = 0; i < 5; ++i) {
            uint256 id = join(SECRET + i, 1, alice);
            eq(registry.member(id, alice).index, i, "index");
        }
    }

    // --- renew ---

    function test_renew_addsATermAndKeepsTheIndex() public {
        uint256 id = join(SECRET, 10, alice);
        bytes32 before = registry.ledger();
        uint40 expiry = registry.member(id, alice).expiry + TERM;
        bytes32 head = nextLedger(before, 2, 0, id, alice, 10, expiry);
        vm.expectEmit();
        emit I.MemberRenewed(id, alice, 0, expiry, head);
        vm.prank(bob); // anyone may pay
        registry.renew(id, alice, 10 * FEE);
        eq(registry.ledger(), head, "ledger hash");
        eq(token.balanceOf(bob), WEALTH - 10 * FEE, "the caller paid the fee");
    }

    function test_renew_countsFromTheOldExpiryInTheGracePeriod() public {
        uint256 id = join(SECRET, 10, alice);
        uint40 expiry = registry.member(id, alice).expiry;
        vm.warp(expiry + GRACE); // the last second of it
        renew(id);
        eq(registry.member(id, alice).expiry, expiry + TERM, "counts from the old expiry");
    }

    function renew(uint256 id) private {
        vm.prank(alice);
        registry.renew(id, alice, type(uint256).max);
    }

    function test_renew_refusesAfterTheGracePeriod() public {
        uint256 id = join(SECRET, 10, alice);
        uint256 end = uint256(registry.member(id, alice).expiry) + GRACE;
        vm.warp(end + 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.TermOver.selector, id, alice, end));
        registry.renew(id, alice, type(uint256).max);
    }

    function test_renew_refusesAFeeAboveMaxPrice() public {
        uint256 id = join(SECRET, 10, alice);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, 10 * FEE, 10 * FEE - 1));
        registry.renew(id, alice, 10 * FEE - 1);
    }

    function test_renew_refusesAStrangerAndAnExitedMember() public {
        vm.expectRevert(abi.encodeWithSelector(I.NotActive.selector, 1, alice, I.State.None));
        registry.renew(1, alice, type(uint256).max);
        uint256 id = join(SECRET, 10, alice);
        vm.prank(alice);
        registry.exit(id);
        vm.expectRevert(abi.encodeWithSelector(I.NotActive.selector, id, alice, I.State.Exited));
        registry.renew(id, alice, type(uint256).max);
    }

    // --- exit, withdraw ---

    function test_exit_isTheHoldersOnly() public {
        uint256 id = join(SECRET, 10, alice);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(I.NotActive.selector, id, mallory, I.State.None));
        registry.exit(id);
    }

    function test_exit_recordsTheChangeAndStartsTheDelay() public {
        uint256 id = join(SECRET, 10, alice);
        I.Member memory m = registry.member(id, alice);
        bytes32 head = nextLedger(registry.ledger(), 3, 0, id, alice, 10, m.expiry);
        vm.expectEmit();
        emit I.MemberExited(id, alice, 0, head);
        vm.prank(alice);
        registry.exit(id);
        eq(registry.ledger(), head, "ledger hash");
        eq(registry.member(id, alice).withdrawableAt, block.timestamp + EXIT_DELAY, "withdrawable");
    }

    function test_exit_refusesAfterTheGracePeriod() public {
        uint256 id = join(SECRET, 10, alice);
        uint256 end = uint256(registry.member(id, alice).expiry) + GRACE;
        vm.warp(end + 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.TermOver.selector, id, alice, end));
        registry.exit(id);
    }

    function test_withdraw_waitsForTheExitDelayThenPaysTheHolderOnce() public {
        uint256 id = join(SECRET, 10, alice);
        vm.prank(alice);
        registry.exit(id);
        uint256 ready = block.timestamp + EXIT_DELAY;
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotWithdrawable.selector, id, alice, I.State.Exited, ready));
        registry.withdraw(id, alice);

        vm.warp(ready);
        uint256 before = token.balanceOf(alice);
        vm.prank(mallory); // whoever calls
        registry.withdraw(id, alice);
        eq(token.balanceOf(alice) - before, 10 * DEPOSIT, "the holder has its deposit");
        vm.expectRevert(abi.encodeWithSelector(I.NotWithdrawable.selector, id, alice, I.State.Withdrawn, 0));
        registry.withdraw(id, alice);
    }

    function test_withdraw_needsNoExitAnExitDelayAfterTheGracePeriod() public {
        uint256 id = join(SECRET, 10, alice);
        uint256 ready = uint256(registry.member(id, alice).expiry) + GRACE + EXIT_DELAY + 1;
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotWithdrawable.selector, id, alice, I.State.Active, ready));
        registry.withdraw(id, alice);
        vm.warp(ready);
        registry.withdraw(id, alice);
        eq(token.balanceOf(alice), WEALTH - 10 * FEE, "only the fee is gone");
    }

    // --- slash ---

    function testFuzz_slash_burnsHalfRoundedUpAndPaysTheRest(uint256 secret, uint16 limit) public {
        secret = within(secret, 0, FIELD - 1);
        limit = uint16(within(limit, 1, 600));
        uint256 id = join(secret, limit, mallory);
        commitAndWait(bob, secret, SALT);
        uint256 deposit = uint256(limit) * DEPOSIT;
        bytes32 head = nextLedger(
            registry.ledger(),
            4,
            0,
            id,
            mallory,
            limit,
            registry.member(id, mallory).expiry
        );

        vm.expectEmit();
        emit I.MemberSlashed(id, mallory, 0, secret, bob, (deposit + 1) / 2, deposit / 2, head);
        vm.prank(bob);
        registry.slash(secret, mallory, SALT);

        eq(token.balanceOf(BURNED), (deposit + 1) / 2, "burned");
        eq(token.balanceOf(bob), WEALTH + deposit / 2, "rewarded");
        eq(registry.ledger(), head, "ledger hash");
        eq(uint8(registry.member(id, mallory).state), uint8(I.State.Slashed), "state");
    }

    function test_slash_refusesASecretOutsideTheField() public {
        vm.expectRevert(abi.encodeWithSelector(I.BadSecret.selector, FIELD));
        registry.slash(FIELD, mallory, SALT);
    }

    function test_slash_refusesWithoutACommitmentOfTheCaller() public {
        join(SECRET, 10, mallory);
        vm.prank(bob);
        vm.expectRevert(
            abi.encodeWithSelector(I.UnknownCommitment.selector, slashCommitment(bob, SECRET, SALT))
        );
        registry.slash(SECRET, mallory, SALT);
    }

    function test_slash_refusesBeforeTwoBlocksAndAfterADay() public {
        join(SECRET, 10, mallory);
        bytes32 commitment = slashCommitment(bob, SECRET, SALT);
        vm.startPrank(bob);
        registry.commitSlash(commitment);
        uint256 made = block.timestamp;
        vm.roll(block.number + 1);
        vm.expectRevert(abi.encodeWithSelector(I.CommitmentTooYoung.selector, commitment, block.number + 1));
        registry.slash(SECRET, mallory, SALT);

        vm.roll(block.number + 1);
        vm.warp(made + 86_400);
        vm.expectRevert(abi.encodeWithSelector(I.CommitmentTooOld.selector, commitment, made + 86_400));
        registry.slash(SECRET, mallory, SALT);

        registry.commitSlash(commitment); // a void one may be made again
        vm.roll(block.number + 2);
        registry.slash(SECRET, mallory, SALT);
        vm.stopPrank();
    }

    function test_slash_refusesAStranger() public {
        uint256 id = commitmentOf(SECRET);
        commitAndWait(bob, SECRET, SALT);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotSlashable.selector, id, mallory, I.State.None));
        registry.slash(SECRET, mallory, SALT);
    }

    function test_commitSlash_keepsTheAgeOfALiveCommitment() public {
        bytes32 commitment = slashCommitment(bob, SECRET, SALT);
        vm.startPrank(bob);
        registry.commitSlash(commitment);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyCommitted.selector, commitment));
        registry.commitSlash(commitment);
        vm.stopPrank();
        (uint64 number, uint64 time) = registry.slashCommitment(bob, commitment);
        eq(number, block.number, "block");
        eq(time, block.timestamp, "time");
    }

    // --- fees ---

    function test_claimFees_refusesAnEmptyList() public {
        vm.expectRevert(I.NoKeys.selector);
        registry.claimFees(new I.Key[](0));
    }

    function test_claimFees_refusesDifferentHomes() public {
        uint32 home = operatorWithStake(carol, carol, carol);
        I.Key[] memory keys = new I.Key[](2);
        keys[0] = I.Key(joinAt(SECRET, 10, alice, home), alice);
        keys[1] = I.Key(join(SECRET + 1, 10, alice), alice);
        vm.expectRevert(abi.encodeWithSelector(I.DifferentHome.selector, home, 0));
        registry.claimFees(keys);
    }

    function test_claimFees_paysNineTenthsToTheHomeAndBurnsTheRest() public {
        (address payee, ) = account("payee");
        uint32 home = operatorWithStake(carol, carol, payee);
        I.Key[] memory keys = new I.Key[](1);
        keys[0] = I.Key(joinAt(SECRET, 100, alice, home), alice);
        skip(TERM / 2);
        eq(registry.accruedFees(keys[0].idCommitment, alice), 50 * FEE, "half has streamed");
        eq(registry.claimFees(keys), 45 * FEE, "paid");
        eq(token.balanceOf(payee), 45 * FEE, "nine tenths of half the fee");
        eq(token.balanceOf(BURNED), 5 * FEE, "one tenth of half the fee");
        eq(registry.claimFees(keys), 0, "nothing twice");
    }

    function test_claimFees_burnsAllWithoutAHome() public {
        I.Key[] memory keys = new I.Key[](1);
        keys[0] = I.Key(join(SECRET, 100, alice), alice);
        skip(TERM * 2);
        eq(registry.claimFees(keys), 0, "paid to nobody");
        eq(token.balanceOf(BURNED), 100 * FEE, "the whole fee");
    }

    /// The parts of a stream add up to the fee exactly, whenever they are claimed, also after exit and renewal.
    function testFuzz_claimFees_partsAddUp(uint16[4] memory pauses, uint16 limit, bool leaves) public {
        (address payee, ) = account("payee");
        limit = uint16(within(limit, 1, 600));
        I.Key[] memory keys = new I.Key[](1);
        uint256 id = joinAt(SECRET, limit, alice, operatorWithStake(carol, carol, payee));
        keys[0] = I.Key(id, alice);
        renew(id);
        if (leaves) {
            vm.prank(alice);
            registry.exit(id);
        }
        for (uint256 i = 0; i < pauses.length; ++i) {
            skip(pauses[i]);
            registry.claimFees(keys);
        }
        vm.warp(registry.member(id, alice).expiry);
        registry.claimFees(keys);
        eq(token.balanceOf(payee) + token.balanceOf(BURNED), 2 * uint256(limit) * FEE, "both fees, exactly");
        ok(token.balanceOf(BURNED) * 10 <= 2 * uint256(limit) * FEE, "at most a tenth burned");
    }

    function test_rlnIdentifier_bindsChainAndContract() public {
        bytes32 expected = keccak256(
            bytes.concat("teahouse/rln/1", bytes32(block.chainid), bytes20(address(registry)))
        );
        eq(registry.rlnIdentifier(), expected, "identifier");
        vm.chainId(5);
        ok(registry.rlnIdentifier() != expected, "another chain, another identifier");
    }
}
